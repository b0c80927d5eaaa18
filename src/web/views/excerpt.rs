//! The lines of the learner's source that a remark of the compiler is about.

use serde::Serialize;

use super::Piece;
use crate::domain::report::Diagnostic;

/// Lines shown before and after the one in question.
const CONTEXT: usize = 1;

/// Longest line that is shown, in characters.
const WIDEST: usize = 240;

/// One line of an excerpt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Line {
    /// Its number, counted from 1.
    pub number: usize,
    /// Its text; what the remark points at is marked.
    pub pieces: Vec<Piece>,
}

/// The lines around what `diagnostic` points at; empty when it points nowhere in `source`.
#[must_use]
pub fn of(source: &str, diagnostic: &Diagnostic) -> Vec<Line> {
    let lines: Vec<&str> = source.lines().collect();
    let Some(wanted) = diagnostic.line.map(|line| line as usize).filter(|line| (1..=lines.len()).contains(line)) else {
        return Vec::new();
    };
    let from = wanted.saturating_sub(CONTEXT).max(1);
    let to = (wanted + CONTEXT).min(lines.len());
    (from..=to)
        .map(|number| {
            let text = lines[number - 1];
            let pieces =
                if number == wanted { pointed_at(text, diagnostic) } else { vec![Piece::plain(cut(text, WIDEST))] };
            Line { number, pieces }
        })
        .collect()
}

fn pointed_at(text: &str, diagnostic: &Diagnostic) -> Vec<Piece> {
    let characters: Vec<char> = text.chars().take(WIDEST).collect();
    let Some(start) =
        diagnostic.column.map(|column| (column as usize).saturating_sub(1)).filter(|at| *at < characters.len())
    else {
        return vec![Piece::plain(cut(text, WIDEST))];
    };
    let end = match diagnostic.end {
        Some((line, column)) if Some(line) == diagnostic.line => (column as usize).saturating_sub(1),
        Some(_) => characters.len(),
        None => word_end(&characters, start),
    };
    let end = end.clamp(start + 1, characters.len());
    let part = |range: std::ops::Range<usize>| characters[range].iter().collect::<String>();
    [Piece::plain(part(0..start)), Piece::marked(part(start..end)), Piece::plain(part(end..characters.len()))]
        .into_iter()
        .filter(|piece| !piece.text.is_empty())
        .collect()
}

fn word_end(characters: &[char], start: usize) -> usize {
    let is_word = |c: &char| c.is_alphanumeric() || matches!(c, '_' | '?' | '!' | '@');
    start + characters[start..].iter().take_while(|c| is_word(c)).count()
}

fn cut(text: &str, characters: usize) -> String {
    text.chars().take(characters).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::report::Severity;

    fn remark(line: u32, column: Option<u32>, end: Option<(u32, u32)>) -> Diagnostic {
        Diagnostic {
            severity: Severity::Error,
            message: "undefined variable".into(),
            file: Some("solution.ex".into()),
            line: Some(line),
            column,
            end,
        }
    }

    fn show(lines: &[Line]) -> String {
        let pieces = |line: &Line| {
            line.pieces
                .iter()
                .map(|p| if p.marked { format!("«{}»", p.text) } else { p.text.clone() })
                .collect::<String>()
        };
        lines.iter().map(|line| format!("{} {}", line.number, pieces(line))).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn the_word_at_the_column_is_marked_with_a_line_around_it() {
        let source = "defmodule A do\n  def x, do: yy + 1\nend\n";
        assert_eq!(show(&of(source, &remark(2, Some(14), None))), "1 defmodule A do\n2   def x, do: «yy» + 1\n3 end");
        assert_eq!(show(&of(source, &remark(3, Some(1), Some((3, 4))))), "2   def x, do: yy + 1\n3 «end»");
    }

    #[test]
    fn positions_outside_of_the_source_give_no_marks_and_no_panic() {
        assert!(of("a\n", &remark(9, Some(1), None)).is_empty());
        assert!(of("", &remark(1, Some(1), None)).is_empty());
        assert_eq!(show(&of("ab", &remark(1, Some(7), None))), "1 ab");
        assert_eq!(show(&of("äb", &remark(1, Some(1), Some((4, 1))))), "1 «äb»");
        assert_eq!(show(&of("ab", &remark(1, Some(2), Some((1, 1))))), "1 a«b»");
        assert_eq!(show(&of("ab", &remark(0, Some(0), Some((0, 0))))), "");
    }
}
