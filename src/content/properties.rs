//! Properties of the reader: it never panics, every problem has its place, and what is printed is read back.

use proptest::prelude::*;

use crate::domain::exercise::{Case, Expect, Language, SourceFile, Step, TestSet, WrongAnswer};
use crate::domain::ids::LessonSlug;

use super::exercise::PrivateTests;
use super::lesson::{self, Read};
use super::links::Targets;
use super::problem::render;
use super::source::Source;

const LESSON: &str = include_str!("../../tests/it/content/lesson.md");

/// Fragments that mean something somewhere.
const FRAGMENTS: [&str; 30] = [
    "---\n",
    "```elixir test\n",
    "```elixir test hidden name=\"x\n",
    "```elixir solution\n",
    "```\n",
    "~~~~\n",
    "<!-- exercise: a points=2 -->\n",
    "<!-- exercise: -->\n",
    "<!-->\n",
    "<!--->\n",
    "<!-- /exercise -->\n",
    "<!--",
    "-->",
    "<details><summary>",
    "</summary>",
    "</details>\n",
    "iex> f(1)\n",
    "...> g\n",
    "** (É) x\n",
    "#PID<0\n",
    "> [!NOTE]\n",
    "| a |\n|--:|\n",
    "[^1]",
    "[^1]: é\n",
    "    ",
    "\t",
    "- [ ] ",
    "fails=\"é, \u{a0}\\\"",
    "[x](#é)",
    "\u{feff}\r",
];

/// Reads a text as a lesson, and shows everything that is wrong with it.
fn read(text: &str) -> (Read, Source) {
    let source = Source::new("x.md", text);
    let targets = Targets::default();
    let slug = LessonSlug::parse("x").expect("a slug");
    let read = lesson::read(&source, "x.md", None, slug, &targets, &PrivateTests::new());
    for problem in &read.problems {
        assert!(problem.line >= 1 && problem.column >= 1);
        let line = source.line_range(problem.span.start);
        let width = source.text[line].chars().count();
        assert!(problem.column as usize <= width + 1, "{problem:?} lies behind its line");
        let _ = render(problem, Some(&source));
    }
    let mut private = PrivateTests::new();
    let _ = super::private::read(&source, &mut private, &mut Vec::new());
    (read, source)
}

fn mutated() -> impl Strategy<Value = String> {
    let change = (any::<prop::sample::Index>(), any::<prop::sample::Index>(), 0..FRAGMENTS.len(), 0..4_u8);
    prop::collection::vec(change, 1..8).prop_map(|changes| {
        let mut characters: Vec<char> = LESSON.chars().collect();
        for (from, to, fragment, kind) in changes {
            if characters.is_empty() {
                break;
            }
            let (from, to) = (from.index(characters.len()), to.index(characters.len()));
            let range = from.min(to)..from.max(to);
            match kind {
                0 => drop(characters.drain(range.start..range.end.min(range.start + 40))),
                1 => drop(characters.splice(from..from, FRAGMENTS[fragment].chars())),
                2 => {
                    let copy = characters[range.start..range.end.min(range.start + 200)].to_vec();
                    drop(characters.splice(to..to, copy));
                }
                _ => drop(characters.splice(from..=from, FRAGMENTS[fragment].chars())),
            }
        }
        characters.into_iter().collect()
    })
}

fn word() -> impl Strategy<Value = String> {
    "[a-z]{1,6}"
}

fn expect() -> impl Strategy<Value = Expect> {
    let message = prop::option::of("[a-zé]{1,5}( [a-z]{1,5}){0,2}(\n[a-z]{1,5})?");
    prop_oneof![
        "[0-9]{1,3}|:[a-z]{1,4}|\"#[A-Z][a-z]<é \\\\\"\"|\\[1,\n {0,2}2\\]|nil # [a-z]{1,4}".prop_map(Expect::Value),
        ("[A-Z][a-z]{1,4}(\\.[A-Z][a-z]{1,3})?Error", message)
            .prop_map(|(module, message)| Expect::Exception { module, message }),
    ]
}

fn step(code: String, expect: Option<Expect>) -> Step {
    Step { code, expect, prints: None, line: 0, expect_line: 0 }
}

fn case() -> impl Strategy<Value = Case> {
    let code = || "[a-z]{1,4}\\([0-9]{0,2}\\)(\n  \\|> [a-z]{1,3})?";
    let steps = (prop::collection::vec((code(), prop::option::of(expect())), 0..3), code(), expect());
    let steps = steps.prop_map(|(before, code, expect)| {
        let mut steps: Vec<Step> = before.into_iter().map(|(code, expect)| self::step(code, expect)).collect();
        steps.push(self::step(code, Some(expect)));
        steps
    });
    let printing = (code(), "[a-z]{1,5}(\n\n? ?[a-z]{1,4}){0,2}|", "[0-9]{1,3}").prop_map(|(code, prints, value)| {
        vec![Step { prints: Some(prints), ..step(code, Some(Expect::Value(value))) }]
    });
    (any::<bool>(), prop_oneof![3 => steps, 1 => printing], 0..5_u32, prop::option::of(1..10_000_u64)).prop_map(
        |(hidden, steps, points, timeout_ms)| Case {
            name: String::new(),
            hidden,
            steps,
            points,
            timeout_ms,
            line: 0,
            file: None,
        },
    )
}

fn test_set() -> impl Strategy<Value = TestSet> {
    let code = || "[a-z]{1,5}\n([a-z é`]{1,8}[a-z]\n){0,2}";
    let wrong = (code(), prop::option::of("[a-z]{1,5}[\"'é, \\\\][a-z]{1,5}"), any::<prop::sample::Index>());
    (
        prop::collection::vec((word(), case()), 1..5),
        code(),
        prop::collection::vec(wrong, 0..3),
        prop::option::of(code()),
    )
        .prop_map(|(named, solution, wrong, support)| {
            let name = |(at, (word, case)): (usize, (String, Case))| Case { name: format!("{word}, {at}"), ..case };
            let mut cases: Vec<Case> = named.into_iter().enumerate().map(name).collect();
            cases.sort_by_key(|case| case.hidden);
            let wrong = wrong.into_iter().map(|(code, says, fails)| {
                let fails = [fails.get(&cases).name.clone(), cases[0].name.clone()];
                WrongAnswer {
                    code,
                    says,
                    fails: fails[..=usize::from(fails[0] != fails[1])].to_vec(),
                    line: 0,
                    file: None,
                }
            });
            let support = support.into_iter().map(|text| SourceFile { file: "support.ex".into(), text });
            TestSet {
                language: Language::Elixir,
                support: support.collect(),
                wrong: wrong.collect(),
                cases,
                solution,
                exunit: None,
                flavour: None,
                image: None,
            }
        })
}

/// Prints an exercise as an author would write it.
fn print(tests: &TestSet) -> String {
    let mut text = "---\ntitle: X\n---\n<!-- exercise: one -->\n### One\n".to_owned();
    let quoted = |value: &str| format!("\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\""));
    let mut fence = |info: &str, body: &str| text.push_str(&format!("\n````elixir {info}\n{body}````\n"));
    for case in &tests.cases {
        let prints = case.steps.iter().any(|step| step.prints.is_some());
        let mut info = format!("test points={} name={}", case.points, quoted(&case.name));
        info.push_str(if case.hidden { " hidden" } else { "" });
        info.push_str(if prints { " prints" } else { "" });
        info.push_str(&case.timeout_ms.map(|ms| format!(" timeout={ms}")).unwrap_or_default());
        let steps: String = case.steps.iter().map(print_step).collect();
        fence(&info, &steps);
    }
    fence("solution", &tests.solution);
    for wrong in &tests.wrong {
        let says = wrong.says.as_ref().map(|says| format!(" says={}", quoted(says))).unwrap_or_default();
        fence(&format!("wrong fails={}{says}", quoted(&wrong.fails.join(", "))), &wrong.code);
    }
    for file in &tests.support {
        fence(&format!("support file={}", file.file), &file.text);
    }
    text + "\n<!-- /exercise -->\n"
}

fn print_step(step: &Step) -> String {
    let output = step.prints.as_ref().filter(|prints| !prints.is_empty()).map(|prints| format!("{prints}\n"));
    let value = match &step.expect {
        None => String::new(),
        Some(Expect::Value(value)) => format!("{value}\n"),
        Some(Expect::Transcript(session)) => format!("{}\n", crate::domain::transcript::shown(session)),
        Some(Expect::Exception { module, message: None }) => format!("** ({module})\n"),
        Some(Expect::Exception { module, message: Some(message) }) => format!("** ({module}) {message}\n"),
    };
    format!("iex> {}\n{}{value}", step.code.replace('\n', "\n...> "), output.unwrap_or_default())
}

fn without_lines(mut tests: TestSet) -> TestSet {
    for case in &mut tests.cases {
        case.line = 0;
        case.steps.iter_mut().for_each(|step| (step.line, step.expect_line) = (0, 0));
    }
    tests.wrong.iter_mut().for_each(|wrong| wrong.line = 0);
    tests
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(400) })]

    #[test]
    fn no_text_makes_the_reader_panic(text in "\\PC{0,200}|[-`~<>!a-z:#\n\r \t\u{0}é\"'=\\[\\]()|^*]{0,200}") {
        read(&text);
        read(&format!("---\ntitle: x\n---\n{text}"));
    }

    #[test]
    fn no_pile_of_fragments_makes_the_reader_panic(picks in prop::collection::vec(0..FRAGMENTS.len(), 0..30)) {
        read(&picks.into_iter().map(|pick| FRAGMENTS[pick]).collect::<String>());
    }

    #[test]
    fn no_damaged_lesson_makes_the_reader_panic(text in mutated()) {
        read(&text);
    }

    #[test]
    fn an_exercise_that_is_printed_is_read_back_the_same(tests in test_set()) {
        let text = print(&tests);
        let (read, _) = read(&text);
        prop_assert_eq!(&read.problems, &[], "{}", text);
        let placed = read.lesson.exercises().next().expect("an exercise");
        prop_assert_eq!(without_lines(placed.exercise.tests.clone()), tests, "{}", text);
        prop_assert_eq!(super::version_hash(&placed.exercise.tests).len(), 32);
    }
}
