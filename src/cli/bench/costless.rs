//! `athanor bench costless-worker`: a worker that runs nothing. It knows what the answers of `bench chaos` come to, so that
//! queue, database and site can be tried without what containers cost. Only this command has it; no setting leads here.

use std::process::ExitCode;
use std::sync::Arc;

use crate::config::Config;
use crate::domain::report::{Diagnostic, End, Load, Output, Severity};
use crate::sandbox::fake::{FakeAnswer, FakeSandbox, refused};
use crate::startup;

/// Runs the command.
pub(super) async fn run(config: Config) -> ExitCode {
    match startup::worker_in(config, Arc::new(sandbox())).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("athanor: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn sandbox() -> FakeSandbox {
    let script = |source: &str, code: &str| {
        let Some(n) = code.strip_prefix("Chaos.double(").and_then(|rest| rest.strip_suffix(')')?.parse::<i64>().ok())
        else {
            // An expected expression: its own value.
            return FakeAnswer::value(code);
        };
        if source.contains("System.halt") {
            return FakeAnswer::End(End::Exited { code: Some(1) });
        }
        if source.contains("double(n), do: double(n)") {
            return FakeAnswer::End(End::Deadline);
        }
        FakeAnswer::value(&if source.contains("n + 21") { n + 21 } else { n * 2 }.to_string())
    };
    let text = |job: &crate::domain::job::Job| job.sources.first().map_or(String::new(), |source| source.text.clone());
    FakeSandbox::new(move |ask| script(&text(ask.job), ask.step.code.trim())).compiling(move |job| {
        if !text(job).contains("do: n *\n") {
            return Load::Loaded { diagnostics: Vec::new(), output: Output::default() };
        }
        refused(vec![Diagnostic {
            severity: Severity::Error,
            message: "syntax error".to_owned(),
            file: None,
            line: Some(2),
            column: None,
            end: None,
        }])
    })
}
