//! What came of a block of a lesson, shown as a session of `iex` would.

use serde::Serialize;

use super::exercise::Message;
use super::words::count;
use crate::content::highlight;
use crate::db::programs::RunState;
use crate::domain::block::{BlockEnd, BlockOutcome, BlockResult, BlockStep};
use crate::domain::report::{Output, Raised};

/// What a reader has at one block.
#[derive(Debug, Clone, Default, Serialize)]
pub struct BlockDesk {
    /// The code that was run, which may be the reader's own.
    pub code: Option<String>,
    /// What is to be said about the form that was sent, or about a run that came to nothing.
    pub message: Option<Message>,
    /// What came of it.
    pub result: Option<BlockResultView>,
    /// What it waits for, if it does.
    pub waiting: Option<String>,
}

impl BlockDesk {
    /// One sentence for people who cannot see the page change.
    #[must_use]
    pub fn sentence(&self) -> Option<&str> {
        let message = self.message.as_ref().map(|message| message.text.as_str());
        message.or_else(|| self.result.as_ref().map(|result| result.sentence.as_str()))
    }
}

/// Says where a run stands that has not ended.
#[must_use]
pub fn waiting_words(state: &RunState) -> String {
    match state {
        RunState::Queued { ahead: ahead @ 1.. } => {
            format!("Waiting, {} before it", count(usize::try_from(*ahead).unwrap_or(0), "run"))
        }
        RunState::Queued { .. } => "Waiting for its turn".to_owned(),
        _ => "Running".to_owned(),
    }
}

/// What came of a block.
#[derive(Debug, Clone, Serialize)]
pub struct BlockResultView {
    steps: Vec<StepView>,
    /// What is to be said after the last one.
    ending: Option<&'static str>,
    stray_output: Option<OutputView>,
    /// One sentence for people who cannot see the page change.
    #[serde(skip)]
    pub sentence: String,
}

#[derive(Debug, Clone, Serialize)]
struct StepView {
    /// The expression behind its prompt, as HTML.
    code: String,
    output: Option<OutputView>,
    /// The value, as HTML.
    value: Option<String>,
    trouble: Option<String>,
}

#[derive(Debug, Clone, Serialize)]
struct OutputView {
    head: String,
    tail: String,
    cut: Option<String>,
}

impl BlockResultView {
    /// Puts a result into words.
    #[must_use]
    pub fn new(result: &BlockResult) -> Self {
        let ending = match result.end {
            BlockEnd::Finished => None,
            BlockEnd::Crashed => Some("The code ended the whole virtual machine, so nothing came after this."),
            BlockEnd::TimedOut => Some("It was stopped here: its time is up."),
            BlockEnd::OutOfMemory => Some("It was stopped here: it used more memory than it may."),
            BlockEnd::OutputExceeded => Some("It was stopped here: it printed more than it may."),
        };
        let steps: Vec<StepView> = result.steps.iter().map(step).collect();
        let last = result.steps.last().map(|step| match &step.outcome {
            BlockOutcome::Value(text) => format!("It returned {}", text.chars().take(200).collect::<String>()),
            BlockOutcome::TooLarge => "It returned a value that is too large to be shown".to_owned(),
            BlockOutcome::Raised(raised) => raised_words(raised),
            BlockOutcome::TimedOut => TIMED_OUT.to_owned(),
        });
        let sentence = ending.map(str::to_owned).or(last).unwrap_or_else(|| "There was nothing to run".to_owned());
        Self { steps, ending, stray_output: output(&result.stray_output), sentence }
    }
}

const TIMED_OUT: &str = "It was stopped: its time is up.";

fn step(step: &BlockStep) -> StepView {
    let (value, trouble) = match &step.outcome {
        BlockOutcome::Value(text) => (Some(highlight("elixir", &shortened(&step.code, text))), None),
        BlockOutcome::TooLarge => (None, Some("It returned a value that is too large to be shown.".to_owned())),
        BlockOutcome::Raised(raised) => (None, Some(raised_words(raised))),
        BlockOutcome::TimedOut => (None, Some(TIMED_OUT.to_owned())),
    };
    StepView { code: prompted(&step.code), output: output(&step.output), value, trouble }
}

/// The expression as it would have been typed.
fn prompted(code: &str) -> String {
    let prompts = std::iter::once("iex>").chain(std::iter::repeat("...>"));
    let lines: Vec<String> = code.lines().zip(prompts).map(|(line, prompt)| format!("{prompt} {line}")).collect();
    highlight("iex", &lines.join("\n"))
}

/// A definition returns the module's whole machine code, of which nobody wants to see more than that it is there.
fn shortened(code: &str, value: &str) -> String {
    let name =
        value.strip_prefix("{:module, ").filter(|_| code.starts_with("def")).and_then(|rest| rest.split_once(", <<"));
    name.map_or_else(|| value.to_owned(), |(name, _)| format!("{{:module, {name}, …}}"))
}

fn raised_words(raised: &Raised) -> String {
    match (&raised.module, raised.kind.as_str()) {
        (Some(module), _) => format!("** ({module}) {}", raised.message),
        (None, kind) => format!("** ({kind}) {}", raised.message),
    }
}

fn output(output: &Output) -> Option<OutputView> {
    (!output.is_empty()).then(|| OutputView {
        head: output.head.clone(),
        tail: output.tail.clone(),
        cut: (output.cut_bytes > 0).then(|| format!("{} bytes are left out here", output.cut_bytes)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn result(code: &str, outcome: BlockOutcome, end: BlockEnd) -> BlockResultView {
        let step = BlockStep { code: code.to_owned(), output: Output::whole("hi\n"), outcome };
        BlockResultView::new(&BlockResult { steps: vec![step], end, stray_output: Output::default() })
    }

    #[test]
    fn a_value_stands_below_its_expression_and_markup_is_text() {
        let view = result("\"<b>\" <>\n  x", BlockOutcome::Value("\"<b>\"".into()), BlockEnd::Finished);
        let step = &view.steps[0];
        assert!(step.code.contains("iex&gt;") && step.code.contains("...&gt;") && !step.code.contains("<b>"));
        assert!(step.value.as_ref().is_some_and(|value| value.contains("&lt;b&gt;")));
        assert_eq!(view.sentence, "It returned \"<b>\"");
    }

    #[test]
    fn of_a_module_its_name_is_enough() {
        let text = "{:module, Box, <<70, 79>>, {:volume, 2}}";
        assert_eq!(shortened("defmodule Box do end", text), "{:module, Box, …}");
        assert_eq!(shortened("IO.inspect(x)", text), text);
    }

    #[test]
    fn what_stopped_it_is_said() {
        let raised = Raised {
            kind: "error".into(),
            module: Some("MatchError".into()),
            message: "no".into(),
            stack: vec![],
            help: None,
        };
        let view = result("1 = 2", BlockOutcome::Raised(raised), BlockEnd::Finished);
        assert_eq!(view.steps[0].trouble.as_deref(), Some("** (MatchError) no"));
        let view = result("1", BlockOutcome::Value("1".into()), BlockEnd::OutOfMemory);
        assert!(view.sentence.contains("memory"));
    }
}
