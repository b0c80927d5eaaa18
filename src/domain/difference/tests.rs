use proptest::prelude::*;

use super::*;

fn plain(segments: &[Segment]) -> String {
    segments
        .iter()
        .map(|segment| match segment.mark {
            Mark::Same => segment.text.clone(),
            Mark::Different => format!("«{}»", segment.text),
            Mark::Invisible => format!("«{}»", segment.stand_in().unwrap().0),
            Mark::Note => format!("‹{}›", segment.text),
        })
        .collect()
}

fn check(expected: &str, actual: &str, left: &str, right: &str, words: Option<&str>) {
    let difference = of_values(expected, actual);
    assert_eq!(plain(&difference.expected), left, "{expected} | {actual}");
    assert_eq!(plain(&difference.actual), right, "{expected} | {actual}");
    assert_eq!(difference.explanation.as_deref(), words, "{expected} | {actual}");
}

#[test]
fn only_what_differs_is_marked() {
    check("[1, 2, 3]", "[1, 4, 3]", "[1, «2», 3]", "[1, «4», 3]", Some("In element 2: 2 was expected, not 4."));
    check(
        "{:ok, \"ä\"}",
        "{:error, \"ä\"}",
        "{«:ok», \"ä\"}",
        "{«:error», \"ä\"}",
        Some("In element 1 of the tuple: :ok was expected, not :error."),
    );
    check("~D[2026-01-02]", "~D[2026-01-03]", "~D[2026-01-0«2»]", "~D[2026-01-0«3»]", None);
    check("1", "1", "1", "1", None);
    check("nil", ":none", "«nil»", "«:none»", None);
    check("-26", "26", "«-26»", "«26»", Some("Only the sign is wrong."));
}

#[test]
fn elements_that_are_missing_or_too_many_are_found() {
    check(
        "[1, 2, 3]",
        "[1, 3]",
        "[1, «2», 3]",
        "[1, 3]",
        Some("The list has 2 elements, one fewer than expected: 2 is missing."),
    );
    check(
        "[1, 3]",
        "[1, 2, 3, 4]",
        "[1, 3]",
        "[1, «2», 3, «4»]",
        Some("The list has 4 elements, 2 more than expected."),
    );
    check("[1, 2]", "[]", "[«1», «2»]", "[]", Some("The list is empty, 2 elements expected."));
    check(
        "[1, 2, 3]",
        "[3, 2, 1]",
        "[«1», «2», 3]",
        "[3, «2», «1»]",
        Some("The elements are right, but in reverse order."),
    );
    check(
        "{:ok, 1}",
        "{:ok}",
        "{:ok, «1»}",
        "{:ok}",
        Some("The tuple has 1 element, one fewer than expected: 1 is missing."),
    );
    check(
        "MapSet.new([1, 2])",
        "MapSet.new([2, 3])",
        "MapSet.new([«1», 2])",
        "MapSet.new([2, «3»])",
        Some("1 is missing, and 3 should not be there."),
    );
    check(
        "[a: 1, b: 2]",
        "[b: 2, a: 1]",
        "[«a: 1», b: 2]",
        "[b: 2, «a: 1»]",
        Some("The keys and values are right, but not their order, which matters in a keyword list."),
    );
}

#[test]
fn keys_are_compared_with_keys() {
    check("%{a: 1, b: 2}", "%{a: 1}", "%{a: 1, «b: 2»}", "%{a: 1}", Some("The key :b is missing."));
    check(
        "%{a: 1}",
        "%{a: 1, b: 2, c: 3}",
        "%{a: 1}",
        "%{a: 1, «b: 2», «c: 3»}",
        Some("The keys :b and :c should not be there."),
    );
    check(
        "%{name: 1}",
        "%{\"name\" => 1}",
        "%{«name: 1»}",
        "%{«\"name\" => 1»}",
        Some("The key \"name\" is a string, expected the atom :name."),
    );
    check("%{name: 1}", "%{nmae: 1}", "%{«name: 1»}", "%{«nmae: 1»}", Some("The key :nmae should be called :name."));
    check("%{a: 1}", "%{1 => 2, :a => 1}", "%{a: 1}", "%{«1 => 2», :a => 1}", Some("The key 1 should not be there."));
    check(
        "%P{x: 1, y: 2}",
        "%{x: 1, y: 2}",
        "«%P{»x: 1, y: 2«}»",
        "«%{»x: 1, y: 2«}»",
        Some("This is a plain map, expected a struct %P{}."),
    );
    check(
        "%{user: %User{name: \"Ada\", tags: [:a, :b]}}",
        "%{user: %User{name: \"Ida\", tags: [:a, :b]}}",
        "%{user: %User{name: \"«A»da\", tags: [:a, :b]}}",
        "%{user: %User{name: \"«I»da\", tags: [:a, :b]}}",
        Some("The only difference is under the key :user, in the field :name."),
    );
}

#[test]
fn kinds_that_look_alike_are_told_apart() {
    let float =
        "1.0 is a float, expected the integer 1. In Elixir / always gives a float; div/2 and round/1 give integers.";
    check("1", "1.0", "«1»", "«1.0»", Some(float));
    check("\"ok\"", ":ok", "«\"ok\"»", "«:ok»", Some(":ok is an atom, expected the string \"ok\"."));
    check(
        "\"abc\"",
        "~c\"abc\"",
        "«\"abc\"»",
        "«~c\"abc\"»",
        Some("This is a charlist, a list of numbers, and a string was expected: strings are written in double quotes."),
    );
    check("1", "{:ok, 1}", "«1»", "«{:ok, 1}»", Some("The value is right, but it is inside {:ok, …}."));
    check("[1]", "1", "«[1]»", "«1»", Some("The value is right, but it should be inside a list."));
    check("%{a: 1}", "[a: 1]", "«%{a: 1}»", "«[a: 1]»", Some("This is a keyword list, expected a plain map."));
    let letters = "Elixir shows a list as ~c\"…\" when all its numbers could be letters; here the numbers are shown.";
    check(
        "~c\"\\a\\b\\t\"",
        "[7, 8, 1]",
        "[7, 8, «9»]",
        "[7, 8, «1»]",
        Some(&format!("In element 3: 9 was expected, not 1. {letters}")),
    );
}

#[test]
fn characters_that_cannot_be_seen_are_shown() {
    check(
        "\"abc\"",
        "\"abc \"",
        "\"abc\"",
        "\"abc«·»\"",
        Some("Same text, but it ends in a space that should not be there."),
    );
    check("\"a b\"", "\"a\\tb\"", "\"a«·»b\"", "\"a«\\t»b\"", Some("Only spaces or line breaks differ."));
    let difference = of_values("\"caf\u{e9}\"", "\"cafe\u{301}\"");
    assert!(difference.explanation.unwrap().starts_with("The two look the same"));
    let printed = of_output("one\ntwo", "one \ntwo\n");
    assert_eq!((plain(&printed.expected), plain(&printed.actual)), ("one\ntwo".into(), "one«·»\ntwo«↵»".into()));
    assert_eq!(of_output("a", "").explanation.as_deref(), Some("Nothing was printed."));
}

#[test]
fn what_is_equal_is_folded_around_the_difference() {
    let list = |last: &str| format!("[{}, {last}]", (1..=100).map(|n| n.to_string()).collect::<Vec<_>>().join(", "));
    let difference = of_values(&list("7"), &list("8"));
    assert_eq!(plain(&difference.actual), "[‹… 98 equal elements …›, 99, 100, «8»]");
    assert!(difference.is_folded());
    let text = |end: &str| format!("\"{}{end}\"", "abcdefghij".repeat(100));
    assert_eq!(
        plain(&of_values(&text(""), &text("!")).actual),
        format!("\"‹… 960 equal characters …›{}«!»\"", "abcdefghij".repeat(4))
    );
}

#[test]
fn a_value_that_is_too_wide_is_broken_as_elixir_does() {
    let map = |city: &str| {
        format!(
            "%{{address: %{{city: \"{city}\", street: \"A rather long street\"}}, name: \"Ada Lovelace of London\", year: 1815}}"
        )
    };
    let difference = of_values(&map("Paris"), &map("Rome"));
    assert_eq!(
        plain(&difference.expected),
        "%{\n  address: %{city: \"«Paris»\", street: \"A rather long street\"},\n  name: \"Ada Lovelace of London\",\n  year: 1815\n}"
    );
}

#[test]
fn texts_that_no_value_has_are_compared_as_texts() {
    check("#Foo<1>", "#Foo<2>", "#Foo<«1»>", "#Foo<«2»>", None);
    check("", "x", "", "«x»", None);
    check("[1, 2", "[1, 3", "[1, «2»", "[1, «3»", Some("In element 2: 2 was expected, not 3."));
}

#[test]
fn hostile_sizes_take_little_time_and_give_little_text() {
    let deep = |n: usize, middle: &str| format!("{}{middle}{}", "[{".repeat(n), "}]".repeat(n));
    let wide = |step: usize| {
        format!("[{}]", (0..3_000).map(|n| (n * step % 3_001).to_string()).collect::<Vec<_>>().join(", "))
    };
    let same = |what: &str| format!("[{}]", what.repeat(5_000));
    for (left, right) in [
        (deep(4_000, "1"), deep(4_000, "2")),
        (wide(1), wide(7)),
        (same("1, "), same("2, ")),
        ("\"".to_owned() + &"a".repeat(16_000), "\"".to_owned() + &"b a".repeat(5_000)),
        ("%".repeat(16_000), "%{".repeat(8_000)),
        ("\\".repeat(16_000), "\"\\".repeat(8_000)),
        ("<".repeat(16_000), "a<".repeat(8_000)),
        ("~r/".repeat(5_000), "~c\"".repeat(5_000)),
        ("a\n".repeat(8_000), "b\n".repeat(8_000)),
        ("1 ".repeat(8_000), "2 ".repeat(8_000)),
    ] {
        for difference in [of_values(&left, &right), of_output(&left, &right)] {
            for side in [&difference.expected, &difference.actual] {
                assert!(plain(side).chars().count() < 40_000);
            }
        }
    }
}

proptest! {
    #[test]
    fn any_two_texts_can_be_compared(
        left in "[\\[\\]{}()%<>#~:,\" |=>a-cA-C0-2.é\\\\/\n\t-]{0,80}",
        right in "[\\[\\]{}()%<>#~:,\" |=>a-cA-C0-2.é\\\\/\n\t-]{0,80}",
    ) {
        let values = of_values(&left, &right);
        let output = of_output(&left, &right);
        if left != right {
            let marked = |difference: &Difference| difference.expected.iter().chain(&difference.actual).any(|segment| matches!(segment.mark, Mark::Different | Mark::Invisible));
            prop_assert!(marked(&output));
        }
        let all: String = output.expected.iter().map(|segment| segment.text.as_str()).collect();
        prop_assert_eq!(all, left);
        let _ = values;
    }
}
