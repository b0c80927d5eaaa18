use super::*;
use crate::domain::ids::LessonSlug;

fn of(text: &str) -> (Read, Targets) {
    let mut targets = Targets::default();
    targets.by_path.insert("01-a/01-lists.md".to_owned(), LessonSlug::parse("lists").expect("a slug"));
    let read = read(&Source::new("glossary.md", text), &mut targets);
    (read, targets)
}

fn said(text: &str) -> Vec<(&'static str, u32, u32)> {
    of(text).0.problems.iter().map(|problem| (problem.code, problem.line, problem.column)).collect()
}

#[test]
fn terms_are_headings_with_what_stands_below_and_come_by_name() {
    let text = "---\ntitle: Words\n---\nAbove.\n\n## Tuple\n\nA fixed row of values. It is *whole*.\n\n- One\n\n\
                ## `nil` {#nil}\n\nAn atom, see [tuple](#tuple) and [lists](01-a/01-lists.md#x), e.g. here.\n\n## Arity\n\n\
                How many arguments a function takes!\n";
    let (read, targets) = of(text);
    assert_eq!(read.problems, []);
    assert_eq!((read.glossary.title.as_str(), read.glossary.intro.as_str()), ("Words", "<p>Above.</p>\n"));
    let terms: Vec<_> = read
        .glossary
        .terms
        .iter()
        .map(|term| (term.name.as_str(), term.anchor.as_str(), term.first.as_str()))
        .collect();
    assert_eq!(
        terms,
        [
            ("Arity", "arity", "How many arguments a function takes!"),
            ("nil", "nil", "An atom, see tuple and lists, e.g. here."),
            ("Tuple", "tuple", "A fixed row of values."),
        ]
    );
    assert!(read.glossary.terms[2].html.contains("<em>whole</em>") && read.glossary.terms[2].html.contains("<li>One"));
    assert!(read.glossary.terms[1].html.contains("href=\"#tuple\""), "{}", read.glossary.terms[1].html);
    assert_eq!((read.links.len(), read.used.as_slice()), (1, ["tuple".to_owned()].as_slice()));
    let terms = targets.glossary.expect("terms");
    assert_eq!(terms.first("arity"), Some("How many arguments a function takes!"));
}

#[test]
fn a_glossary_needs_no_front_matter_and_no_title() {
    assert_eq!(of("## A\n\nB.\n").0.glossary.title, "Glossary");
    assert_eq!(said("---\n---\n## A\n\nB.\n"), []);
    assert_eq!(said("---\ntitel: x\n---\n## A\n\nB.\n"), [("unknown-key", 2, 1)]);
    assert_eq!(said("---\ntitle: x\n## A\n\nB.\n"), [("unclosed-front-matter", 1, 1)]);
}

#[test]
fn mistakes_are_found_where_they_are() {
    assert_eq!(said("## A b\n\nC.\n\n## A B\n\nC.\n"), [("duplicate-term", 5, 1)]);
    assert_eq!(said("## A\n\n## B\n\nC.\n"), [("empty-term", 1, 1)]);
    assert_eq!(said("## A\n\nB.\n\n##\n\nC.\n"), [("empty-term", 5, 1)]);
    assert_eq!(said("## A\n\nB, see [c](#c).\n"), [("unknown-term", 3, 8)]);
    assert_eq!(said("## A\n\nB, see [c](glossary.md#c).\n"), [("unknown-term", 3, 8)]);
    assert_eq!(said("## A\n\nB, see [a](01-a/02-no.md).\n"), [("missing-link-target", 3, 8)]);
    assert_eq!(said("# A\n\nB.\n"), [("glossary-content", 1, 1), ("level-one-heading", 1, 1)]);
    assert_eq!(said("## A\n\nB.\n\n### C\n\nD.\n"), [("glossary-content", 5, 1)]);
    assert_eq!(said("## A\n\nB ![c](c.png).\n")[0], ("glossary-content", 3, 3));
    assert_eq!(said("## A\n\nB.\n\n```elixir run\n1\n```\n"), [("glossary-content", 5, 4)]);
    assert_eq!(said("## A\n\nB.\n\n<!-- exercise: x -->\n")[0], ("glossary-content", 5, 1));
}

#[test]
fn what_a_lesson_may_link_to_is_known_and_the_nearest_is_named() {
    let (_, targets) = of("## Immutable\n\nIt stays.\n\n## Empty\n");
    let terms = targets.glossary.expect("terms");
    let source = Source::new("x.md", "text");
    let problem = terms.missing(&source, "imutable", 0..1).expect("a problem");
    assert_eq!(problem.help.as_deref(), Some("did you mean `#immutable`?"));
    assert_eq!(terms.missing(&source, "empty", 0..1), None, "what is wrong with it is said at its own place");
    assert_eq!(Terms::unread().missing(&source, "any", 0..1), None);
}

#[test]
fn a_term_that_nothing_links_to_is_a_warning() {
    let text = "## A\n\nSee [b](#b).\n\n## B\n\nC.\n\n## D\n\nE.\n";
    let mut read = of(text).0;
    read.unused(&Source::new("glossary.md", text), &["d"]);
    let found: Vec<_> = read.problems.iter().map(|problem| (problem.code, problem.line, problem.is_error())).collect();
    assert_eq!(found, [("unused-term", 1, false)]);
}

#[test]
fn the_first_sentence_ends_where_a_reader_ends_it() {
    for (text, first) in [
        ("One. Two.", "One."),
        ("E.g. 1.5 or v1. x. Two.", "E.g. 1.5 or v1. x."),
        ("Why? Because.", "Why?"),
        ("He said \"no.\" Then.", "He said \"no.\""),
        ("No end", "No end"),
        ("", ""),
    ] {
        assert_eq!(first_sentence(text), first);
    }
    assert_eq!(first_sentence(&"é".repeat(400)).chars().count(), FIRST_CHARS + 1);
}

#[test]
fn hostile_words_stay_words() {
    let text = "## <script>alert(1)</script> \"x\n\n<img src=x onerror=alert(1)> \"><script>alert(2)</script> [x](javascript:alert(3)) A.\n";
    let (read, targets) = of(text);
    let term = &read.glossary.terms[0];
    for bad in ["<script", "onerror", "javascript:"] {
        assert!(!term.html.contains(bad), "{}", term.html);
    }
    let first = targets.glossary.expect("terms").first(&term.anchor).expect("a sentence").to_owned();
    let link = link(&term.anchor, &first);
    assert!(!link.contains("<script") && link.matches('"').count() == 8, "{link}");
}
