use minijinja::context;

use super::*;
use crate::domain::code::Code;
use crate::domain::exercise::Language;
use crate::domain::report::{Severity, StackLine};
use crate::web::page::Templates;
use crate::web::views::fixtures::{case, verdict};

const SOURCE: &str = "defmodule First do\n  def of(list, default), do: yy\nend\n";

fn view(kind: Kind, verdict: &Verdict) -> ResultView {
    let at = Timestamp::from_second(1_800_000_000).unwrap();
    let id = SubmissionId::new();
    let code = Code::Text(SOURCE.into());
    ResultView::new(Judged { id, kind, at, now: at, sent: Sent::new(&code, Language::Elixir), verdict })
}

fn html(verdict: &Verdict) -> String {
    Templates::new().render("result.html", context! { result => view(Kind::Submit, verdict) }).expect("a page")
}

#[test]
fn a_failed_case_shows_expression_expected_and_actual_with_the_difference_marked() {
    let mut failed = case("keeps nil", Outcome::Failed);
    failed.expected = Some("[1, 2]".into());
    failed.actual = Some("[1, 3]".into());
    let html = html(&verdict(VerdictKind::Failed, vec![case("of three", Outcome::Passed), failed]));
    assert!(html.contains("1 of 2 cases did not pass"), "{html}");
    assert!(html.contains("First.of([], :none)"));
    assert!(html.contains("[1, <ins><span class=\"unseen\">[expected: </span>2<span class=\"unseen\">]</span></ins>]"));
    assert!(html.contains("[1, <del><span class=\"unseen\">[wrong: </span>3<span class=\"unseen\">]</span></del>]"));
    assert!(html.contains("In element 2: 2 was expected, not 3."));
}

#[test]
fn what_code_says_is_text_and_never_markup() {
    let mut failed = case("<script>alert(1)</script>", Outcome::Raised);
    failed.message = Some("<img src=x onerror=alert(1)>".into());
    failed.actual = Some("\"</pre><script>\"".into());
    failed.output = Output::whole("<b>bold</b>");
    failed.stack = vec![StackLine { function: "<i>f</i>/1".into(), file: "solution.ex".into(), line: 2 }];
    let mut verdict = verdict(VerdictKind::Failed, vec![failed]);
    verdict.says = Some("<u>says</u>".into());
    let html = html(&verdict);
    for markup in ["<script", "<img", "<b>", "<i>", "<u>"] {
        assert!(!html.contains(markup), "{markup} in {html}");
    }
}

#[test]
fn a_hidden_case_has_a_name_and_an_outcome_and_nothing_else() {
    let mut hidden = case("keeps nil", Outcome::Failed);
    hidden.hidden = true;
    hidden.output = Output::whole("leaked");
    let whole = verdict(VerdictKind::Failed, vec![case("of three", Outcome::Passed), hidden]);
    let learners = html(&whole.clone().for_learner());
    assert!(learners.contains("keeps nil") && learners.contains("hidden case"));
    assert!(!learners.contains("leaked") && !learners.contains("First.of([], :none)"), "{learners}");
    assert!(html(&whole).contains("leaked"), "who reviews sees it all");
}

#[test]
fn a_compile_error_shows_its_place_and_keeps_the_list_of_cases() {
    let mut refused = verdict(VerdictKind::CompileError, vec![case("of three", Outcome::NotReached)]);
    refused.diagnostics = vec![Diagnostic {
        severity: Severity::Error,
        message: "undefined variable \"yy\"".into(),
        file: Some("solution.ex".into()),
        line: Some(2),
        column: Some(30),
        end: None,
    }];
    let html = html(&refused);
    assert!(html.contains("#line-2\" data-line=\"2\" data-column=\"30\">line 2, column 30</a>"), "{html}");
    assert!(html.contains("do: <mark>yy</mark>"), "{html}");
    assert!(html.contains("Not reached"));
    assert_eq!(view(Kind::Submit, &refused).sentence, "The code does not compile yet: see line 2.");
}

#[test]
fn a_remark_about_another_file_names_it_and_quotes_nothing() {
    let mut passed = verdict(VerdictKind::Passed, vec![case("of three", Outcome::Passed)]);
    passed.diagnostics = vec![Diagnostic {
        severity: Severity::Warning,
        message: "unused".into(),
        file: Some("support.ex".into()),
        line: Some(1),
        column: None,
        end: None,
    }];
    let html = html(&passed);
    assert!(html.contains("support.ex, line 1"));
    assert!(!html.contains("excerpt"));
}

#[test]
fn our_fault_is_an_apology() {
    let mut fault = verdict(VerdictKind::NotGraded, vec![case("of three", Outcome::NotGraded)]);
    fault.fault = Some("the container engine did not answer".into());
    let html = html(&fault);
    assert!(html.contains("the fault is ours"));
    assert!(html.contains("does not count as an attempt"));
    assert!(html.contains("The container engine did not answer."));
}

#[test]
fn output_that_was_cut_says_how_much() {
    let mut passed = case("of three", Outcome::Passed);
    passed.output = Output { head: "first\n".into(), tail: "last\n".into(), cut_bytes: 4096 };
    let html = html(&verdict(VerdictKind::Passed, vec![passed]));
    assert!(html.contains("… 4,096 bytes cut …"), "{html}");
    assert!(html.contains("first") && html.contains("last"));
}

#[test]
fn characters_that_cannot_be_seen_have_a_sign_and_a_name() {
    let mut failed = case("prints", Outcome::Failed);
    (failed.expected, failed.actual, failed.printed) = (Some("one\ntwo".into()), Some("one \ntwo".into()), true);
    let html = html(&verdict(VerdictKind::Failed, vec![failed]));
    let space = "one<del class=\"invisible\" title=\"space\"><span aria-hidden=\"true\">·</span><span class=\"unseen\">(space)</span></del>\ntwo</pre>";
    assert!(html.contains(space), "{html}");
    assert!(html.contains("<pre class=\"expected\" tabindex=\"0\">one\ntwo</pre>"), "{html}");
}

#[test]
fn a_value_that_is_folded_can_be_unfolded() {
    let mut failed = case("long", Outcome::Failed);
    let list = |last: u32| format!("[{}, {last}]", (1..200).map(|n| n.to_string()).collect::<Vec<_>>().join(", "));
    (failed.expected, failed.actual) = (Some(list(7)), Some(list(8)));
    let html = html(&verdict(VerdictKind::Failed, vec![failed]));
    assert!(html.contains("<span class=\"fold\">… 197 equal elements …</span>"), "{html}");
    assert!(html.contains("Both in full") && html.contains("97, 98, 99"));
}

#[test]
fn places_lead_to_the_line_they_are_about() {
    let mut raised = case("raises", Outcome::Raised);
    (raised.actual, raised.message) = (None, Some("** (ArithmeticError) bad argument".into()));
    let line = |file: &str| StackLine { function: "First.of/2".into(), file: file.into(), line: 2 };
    raised.stack = vec![line("solution.ex"), line("other.ex")];
    let html = html(&verdict(VerdictKind::Failed, vec![raised]));
    assert_eq!(html.matches("#line-2\" data-line=\"2\">line 2</a>").count(), 1, "{html}");
    assert!(html.contains("at other.ex, line 2"));
}

#[test]
fn one_sentence_is_said_aloud() {
    let passed = verdict(VerdictKind::Passed, vec![case("a", Outcome::Passed), case("b", Outcome::Passed)]);
    assert_eq!(view(Kind::Submit, &passed).sentence, "All 2 cases passed.");
    assert_eq!(view(Kind::Run, &passed).sentence, "All 2 visible cases passed.");
    let failed = verdict(VerdictKind::Failed, vec![case("a", Outcome::Passed), case("b", Outcome::Failed)]);
    assert_eq!(view(Kind::Submit, &failed).sentence, "1 of 2 cases did not pass. The first is b.");
}
