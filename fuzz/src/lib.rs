//! The parts of Athanor that read what strangers write, taken from its sources as they are, and what several targets do.
//!
//! They are taken by path, and not by depending on the whole crate, because everything that is compiled here is
//! instrumented: the web server and the database would make that minutes.
#![allow(dead_code, unused_imports, reason = "what the rest of Athanor uses, nobody uses here")]

#[path = "../../src/content/mod.rs"]
pub mod content;
#[path = "../../src/domain/mod.rs"]
pub mod domain;

pub mod sandbox;

/// Reads a text as a lesson and asserts that every problem lies inside it and can be shown.
pub fn read(text: &str) {
    let (source, problems) = content::problems_of("lesson.md", text);
    for problem in &problems {
        assert!(problem.line >= 1 && problem.column >= 1, "{problem:?}");
        assert!(problem.span.start <= problem.span.end && problem.span.end <= source.text.len(), "{problem:?}");
        let lines = source.text.split('\n').count();
        assert!(problem.line as usize <= lines, "{problem:?} is behind the last of {lines} lines");
        let line = &source.text[source.line_range(problem.span.start)];
        assert!(problem.column as usize <= line.chars().count() + 1, "{problem:?} is behind its line");
        let _ = content::render(problem, Some(&source));
    }
}
