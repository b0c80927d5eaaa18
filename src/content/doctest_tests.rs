use super::super::source::Source;
use super::*;

fn lines(text: &str) -> Vec<Line<'_>> {
    let mut at = 0;
    text.lines()
        .map(|text| {
            let line = Line { text, at };
            at += text.len() + 1;
            line
        })
        .collect()
}

fn parse(text: &str, prints: bool) -> (Vec<Steps>, Vec<(&'static str, u32, u32)>) {
    let source = Source::new("x.md", text);
    let mut problems = Problems::new(&source);
    let cases = read(&lines(&source.text), &(0..0), prints, &mut problems);
    (cases, problems.list.iter().map(|problem| (problem.code, problem.line, problem.column)).collect())
}

/// Expression, what it should do, what it should print.
type Shown = (String, Option<String>, Option<String>);

fn good(text: &str, prints: bool) -> Vec<Vec<Shown>> {
    let (cases, problems) = parse(text, prints);
    assert_eq!(problems, [], "{text}");
    let shown = |step: Step| {
        let expect = step.expect.map(|expect| match expect {
            Expect::Value(text) => text,
            Expect::Exception { module, message } => format!("raises {module}: {message:?}"),
            Expect::Transcript(_) => unreachable!("only an `io` block has one"),
        });
        (step.code, expect, step.prints)
    };
    cases.into_iter().map(|case| case.steps.into_iter().map(shown).collect()).collect()
}

fn step(code: &str, expect: Option<&str>, prints: Option<&str>) -> Shown {
    (code.to_owned(), expect.map(str::to_owned), prints.map(str::to_owned))
}

#[test]
fn a_blank_line_separates_cases_and_several_prompts_make_steps() {
    assert_eq!(
        good("iex> a = 1\niex(2)> a + 1\n2\n\n\niex> f(\n...>   1)\n[1,\n  2]\n", false),
        [
            vec![step("a = 1", None, None), step("a + 1", Some("2"), None)],
            vec![step("f(\n  1)", Some("[1,\n  2]"), None)]
        ]
    );
}

#[test]
fn lines_are_known_for_each_step() {
    let (cases, _) = parse("iex> a = 1\niex> a\n1\n\niex> 2\n2", false);
    let lines = cases.iter().flat_map(|case| case.steps.iter().map(|step| (step.line, step.expect_line)));
    assert_eq!(lines.collect::<Vec<_>>(), [(1, 0), (2, 3), (5, 6)]);
}

#[test]
fn exceptions_are_expected_with_and_without_a_message() {
    assert_eq!(
        good("iex> f()\n** (My.Error) first\nsecond\n\niex> g()\n** (KeyError)", false),
        [
            vec![step("f()", Some("raises My.Error: Some(\"first\\nsecond\")"), None)],
            vec![step("g()", Some("raises KeyError: None"), None)]
        ]
    );
}

#[test]
fn with_prints_the_block_is_one_case_and_its_last_lines_are_values() {
    assert_eq!(
        good("iex> x = 1\niex> hello()\na\n\n  b\n:ok\n\niex> quiet()\n:ok\niex> bad()\nout\n** (E) m\n", true),
        [vec![
            step("x = 1", None, None),
            step("hello()", Some(":ok"), Some("a\n\n  b")),
            step("quiet()", Some(":ok"), Some("")),
            step("bad()", Some("raises E: Some(\"m\")"), Some("out")),
        ]]
    );
}

#[test]
fn mistakes_are_found_where_they_are() {
    for (text, problem) in [
        ("", ("empty-test", 1, 1)),
        ("iex> a = 1", ("test-expects-nothing", 1, 1)),
        ("iex> 1\n1\n\n  iex> a = 1\n", ("case-expects-nothing", 4, 3)),
        ("...> 1\n1", ("stray-continuation", 1, 1)),
        ("iex> 1\n1\n...> 2", ("stray-continuation", 3, 1)),
        ("  1 + 1\n2", ("text-before-prompt", 1, 3)),
        ("iex> \"\"\"\na\n\nb\n", ("text-before-prompt", 4, 1)),
        ("iex>\n1", ("empty-expression", 1, 1)),
        ("iex> self()\n#PID<0.1.0>", ("unwritable-value", 2, 1)),
        ("iex> f()\n{:ok, é, #Function<1.2/0>}", ("unwritable-value", 2, 10)),
        ("iex> f()\n[#Reference<0.1>]", ("unwritable-value", 2, 2)),
        ("iex> f()\n#Port<0.1>", ("unwritable-value", 2, 1)),
        ("iex> f()\n# nothing", ("comment-as-value", 2, 1)),
        ("iex> f()\n** (throw) 1", ("bad-exception", 2, 1)),
        ("iex> f()\n** (Oops", ("bad-exception", 2, 1)),
    ] {
        assert_eq!(parse(text, false).1, [problem], "{text}");
    }
}

#[test]
fn what_looks_unwritable_inside_a_string_can_be_written() {
    assert_eq!(good("iex> inspect(f)\n\"#PID<0.1.0>\"", false).len(), 1);
    assert_eq!(good("iex> 1\n1 # one", false).len(), 1);
}
