//! Programs in containers: every language, every limit, and nothing left behind.

use std::sync::Arc;
use std::time::Instant;

use athanor::domain::program::{LanguageName, Program, ProgramResult, SetLimits};
use athanor::sandbox::docker::programs::ProgramSettings;
use athanor::sandbox::docker::{DockerSandbox, DockerSettings};
use athanor::sandbox::programs::ChunkSink;
use athanor::sandbox::{Programs, Sandbox};

/// The languages that come with Athanor.
pub const LANGUAGES: [&str; 5] = ["elixir", "erlang", "javascript", "python", "ruby"];

/// What a program of each language looks like that copies a line and complains about another.
const GREETINGS: [(&str, &str); 5] = [
    (
        "elixir",
        "name = IO.gets(\"\") |> String.trim()\nIO.puts(\"hello #{name}\")\nIO.puts(:stderr, \"érr\")\nSystem.halt(3)",
    ),
    (
        "erlang",
        "-module(greet).\n-export([main/0]).\nmain() ->\n  Name = string:trim(io:get_line(\"\")),\n  \
         io:format(\"hello ~ts~n\", [Name]),\n  io:format(standard_error, \"~ts~n\", [\"érr\"]),\n  halt(3).",
    ),
    (
        "javascript",
        "const name = require('fs').readFileSync(0, 'utf8').trim();\nconsole.log(`hello ${name}`);\n\
         console.error('érr');\nprocess.exit(3);",
    ),
    ("python", "import sys\nprint('hello', input())\nprint('érr', file=sys.stderr)\nsys.exit(3)"),
    ("ruby", "puts \"hello #{gets.chomp}\"\nwarn 'érr'\nexit 3"),
];

struct Bench {
    sandbox: DockerSandbox,
    programs: Arc<dyn Programs>,
}

impl Bench {
    async fn start() -> Self {
        Self::with(SetLimits::default(), 0).await
    }

    async fn with(limits: SetLimits, waiting: usize) -> Self {
        let programs = ProgramSettings { limits, waiting, languages: None };
        let settings = DockerSettings { pool_size: 0, programs: Some(programs), ..DockerSettings::detect() };
        let sandbox = DockerSandbox::start(settings).await.unwrap();
        let programs = sandbox.programs().unwrap();
        Self { sandbox, programs }
    }

    async fn run(&self, language: &str, code: &str, input: &str) -> ProgramResult {
        self.programs.run(&program(language, code, input), &ChunkSink::none()).await.unwrap()
    }

    /// Ends everything, and sees to it that nothing is left.
    async fn end(self) {
        self.sandbox.shutdown().await;
        assert_eq!(self.sandbox.containers().await.unwrap(), Vec::<String>::new());
    }
}

fn program(language: &str, code: &str, input: &str) -> Program {
    Program { language: LanguageName::parse(language).unwrap(), code: code.to_owned(), input: input.to_owned() }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_of_every_language_reads_its_input_and_is_heard_on_both_streams() {
    let bench = Bench::start().await;
    let installed: Vec<_> = bench.programs.languages();
    for name in LANGUAGES {
        let language = installed.iter().find(|language| language.name.as_str() == name).unwrap();
        assert!(language.version.chars().any(|digit| digit.is_ascii_digit()), "{language:?}");
    }
    for (language, code) in GREETINGS {
        let began = Instant::now();
        let result = bench.run(language, code, "wörld\nmore\n").await;
        println!("{language}: {:?}", began.elapsed());
        let expected = ProgramResult {
            stdout: "hello wörld".to_owned() + if language == "javascript" { "\nmore\n" } else { "\n" },
            stderr: "érr\n".to_owned(),
            exit_code: Some(3),
            ..ProgramResult::default()
        };
        assert_eq!(result, expected, "{language}");
    }
    bench.end().await;
}
