use super::super::attributes::Value;
use super::*;
use crate::domain::exercise::{Expect, Step};

fn steps(code: &str) -> Steps {
    let expect = Some(Expect::Value("1".into()));
    Steps { steps: vec![Step { code: code.into(), expect, prints: None, line: 1, expect_line: 2 }], span: 0..0 }
}

fn block<'a>(source: &'a Source, codes: &[&str], attributes: TestAttributes) -> TestBlock<'a> {
    TestBlock { source, attributes, cases: codes.iter().map(|code| steps(code)).collect() }
}

fn named(name: &str) -> TestAttributes {
    TestAttributes { name: Some(Value { text: name.into(), span: 0..0 }), ..TestAttributes::default() }
}

fn hidden() -> TestAttributes {
    TestAttributes { hidden: true, ..TestAttributes::default() }
}

fn worth(points: u32) -> TestAttributes {
    TestAttributes { points: Some((points, 0..0)), ..TestAttributes::default() }
}

fn shown(blocks: &[TestBlock<'_>], stated: Option<u32>) -> (Vec<(String, u32)>, u32, Vec<&'static str>) {
    let source = Source::new("x.md", "");
    let mut problems = Vec::new();
    let (cases, points) = assemble(blocks, stated.map(|points| (points, 0..0)), &source, &mut problems);
    let cases = cases.into_iter().map(|case| (case.name, case.points)).collect();
    (cases, points, problems.iter().map(|problem| problem.code).collect())
}

fn names_of(blocks: &[TestBlock<'_>]) -> Vec<String> {
    shown(blocks, None).0.into_iter().map(|(name, _)| name).collect()
}

#[test]
fn names_come_from_the_block_or_the_last_expression_and_hidden_ones_give_nothing_away() {
    let source = Source::new("x.md", "");
    let blocks = [
        block(&source, &["secret()"], hidden()),
        block(&source, &["f(1)", "f(\n  1)", "f(1)"], TestAttributes::default()),
        block(&source, &["a", "b"], named("pair")),
        block(&source, &["c"], named("single")),
        block(&source, &["other()"], hidden()),
    ];
    assert_eq!(names_of(&blocks), ["f(1)", "f( 1)", "f(1) (2)", "pair 1", "pair 2", "single", "hidden 1", "hidden 2"]);
}

#[test]
fn a_long_expression_makes_a_short_name() {
    let source = Source::new("x.md", "");
    let names = names_of(&[block(&source, &["x".repeat(200).as_str()], TestAttributes::default())]);
    assert_eq!(names[0].chars().count(), LONGEST_NAME);
}

#[test]
fn a_name_given_twice_is_reported() {
    let source = Source::new("x.md", "");
    let blocks = [block(&source, &["a"], named("same")), block(&source, &["b"], named("same"))];
    assert_eq!(shown(&blocks, None).2, ["duplicate-case-name"]);
}

#[test]
fn points_are_shared_in_whole_numbers_and_always_add_up() {
    let source = Source::new("x.md", "");
    let plain = || block(&source, &["a", "b"], TestAttributes::default());
    let points = |blocks: &[TestBlock<'_>], stated| {
        let (cases, total, problems) = shown(blocks, stated);
        assert_eq!(problems, [] as [&str; 0]);
        (cases.into_iter().map(|(_, points)| points).collect::<Vec<_>>(), total)
    };
    assert_eq!(points(&[plain()], None), (vec![1, 1], 2));
    assert_eq!(points(&[plain()], Some(5)), (vec![3, 2], 5));
    assert_eq!(points(&[plain(), block(&source, &["c"], worth(2))], Some(3)), (vec![1, 0, 2], 3));
    assert_eq!(points(&[plain(), block(&source, &["c", "d"], worth(3))], None), (vec![1, 1, 2, 1], 5));
    assert_eq!(shown(&[block(&source, &["c"], worth(2))], Some(3)).2, ["points-mismatch"]);
    assert_eq!(shown(&[plain(), block(&source, &["c"], worth(4))], Some(3)).2, ["points-mismatch"]);
}

#[test]
fn names_with_commas_are_found_in_a_list_of_names() {
    let source = Source::new("x.md", "");
    let (cases, _) =
        assemble(&[block(&source, &["f(1, 2)", "f(1", "g"], TestAttributes::default())], None, &source, &mut vec![]);
    let split = |text| split_names(text, 10, &cases).into_iter().map(|(name, span, known)| (name, span.start, known));
    assert_eq!(split("f(1, 2), g").collect::<Vec<_>>(), [("f(1, 2)".into(), 10, true), ("g".into(), 19, true)]);
    assert_eq!(split(" no, g,").collect::<Vec<_>>(), [("no".into(), 11, false), ("g".into(), 15, true)]);
    assert_eq!(split(" ,\u{a0}, ").count(), 0);
}
