//! Transcripts: what a program prints and what is typed while it runs, line by line.
//!
//! A terminal shows both in one text. Here they are kept apart, because only the host knows what was to be typed: the
//! container says how much had been printed when each line was first read, and nothing else.

use serde::{Deserialize, Serialize};

use super::report::Output;

/// What stands before a typed line.
const MARK: &str = "> ";

/// One line of a transcript.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TranscriptLine {
    /// Typed on standard input.
    Typed(String),
    /// Printed.
    Printed(String),
}

impl TranscriptLine {
    /// The line as it is written in a lesson.
    #[must_use]
    pub fn shown(&self) -> String {
        match self {
            Self::Typed(text) => format!("{MARK}{text}"),
            Self::Printed(text) => text.clone(),
        }
    }
}

/// A whole transcript as one text.
#[must_use]
pub fn shown(lines: &[TranscriptLine]) -> String {
    lines.iter().map(TranscriptLine::shown).collect::<Vec<_>>().join("\n")
}

/// What is typed in all, as a program reads it.
#[must_use]
pub fn input(lines: &[TranscriptLine]) -> String {
    lines
        .iter()
        .filter_map(|line| if let TranscriptLine::Typed(text) = line { Some(format!("{text}\n")) } else { None })
        .collect()
}

/// The transcript of what happened: `typed_at` says how many bytes of `output` had been printed when each of the
/// `expected` transcript's typed lines was first read. Lines that nobody read are not in it.
#[must_use]
pub fn of_run(expected: &[TranscriptLine], output: &str, typed_at: &[u64]) -> Vec<TranscriptLine> {
    let typed = expected.iter().filter_map(|line| match line {
        TranscriptLine::Typed(text) => Some(text),
        TranscriptLine::Printed(_) => None,
    });
    let mut lines = Vec::new();
    let mut from = 0;
    for (text, at) in typed.zip(typed_at) {
        let at = boundary(output, usize::try_from(*at).unwrap_or(usize::MAX)).max(from);
        print_before_typing(&output[from..at], &mut lines);
        lines.push(TranscriptLine::Typed(text.clone()));
        from = at;
    }
    print(&output[from..], &mut lines);
    lines
}

/// The last place at or before `at` where the text can be cut.
fn boundary(text: &str, at: usize) -> usize {
    let at = at.min(text.len());
    (0..=at).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

fn print(text: &str, lines: &mut Vec<TranscriptLine>) {
    if !text.is_empty() {
        let text = text.strip_suffix('\n').unwrap_or(text);
        lines.extend(text.split('\n').map(|line| TranscriptLine::Printed(line.to_owned())));
    }
}

/// A prompt ends its line where the typing begins, with or without a line feed of its own; a prompt that is only the
/// mark itself is the mark.
fn print_before_typing(text: &str, lines: &mut Vec<TranscriptLine>) {
    let before = lines.len();
    print(text, lines);
    if lines.len() == before {
        return;
    }
    if !text.ends_with('\n') && lines.last().is_some_and(|line| line.shown().trim() == MARK.trim()) {
        lines.pop();
    }
}

/// Where the second transcript first departs from the first: the number of equal lines before. `None` where they agree.
#[must_use]
pub fn departs(expected: &[TranscriptLine], seen: &[TranscriptLine]) -> Option<usize> {
    let same = expected.iter().zip(seen).take_while(|(wanted, seen)| alike(wanted, seen)).count();
    (same < expected.len() || same < seen.len()).then_some(same)
}

/// Spaces at the end of a line cannot be seen, most prompts have one, and editors take them away: they make no difference.
fn alike(wanted: &TranscriptLine, seen: &TranscriptLine) -> bool {
    match (wanted, seen) {
        (TranscriptLine::Printed(wanted), TranscriptLine::Printed(printed)) => wanted.trim_end() == printed.trim_end(),
        (wanted, printed) => wanted == printed,
    }
}

/// Says in words where a session departs from the expected one.
#[must_use]
pub fn departure(expected: &[TranscriptLine], seen: &[TranscriptLine], at: usize, output: &Output) -> String {
    let place = format!("The session departs at line {}", at + 1);
    match (expected.get(at), seen.get(at)) {
        _ if output.cut_bytes > 0 => format!("{place}: the program printed more than is kept."),
        (Some(TranscriptLine::Typed(text)), Some(TranscriptLine::Printed(_))) => {
            format!("{place}: `{text}` should be read here, but more was printed first.")
        }
        (Some(TranscriptLine::Typed(text)), None) => {
            format!("{place}: `{text}` was typed, but the program did not read it.")
        }
        (Some(TranscriptLine::Printed(_)), Some(TranscriptLine::Typed(text))) => {
            format!("{place}: something should be printed here, but the program reads `{text}` first.")
        }
        (Some(_), None) => format!("{place}: something is missing at the end."),
        (None, Some(_)) => format!("{place}: nothing more should come."),
        _ => format!("{place}."),
    }
}

#[cfg(test)]
mod tests {
    use super::TranscriptLine::{Printed, Typed};
    use super::*;

    fn transcript(text: &str) -> Vec<TranscriptLine> {
        let line = |line: &str| match line.strip_prefix(MARK) {
            Some(typed) => Typed(typed.to_owned()),
            None => Printed(line.to_owned()),
        };
        text.lines().map(line).collect()
    }

    #[test]
    fn typed_lines_stand_where_they_were_read() {
        let expected = transcript("Name?\n> Ada\nAge?\n> 36\nHello, Ada (36)");
        assert_eq!(input(&expected), "Ada\n36\n");
        let seen = of_run(&expected, "Name? Age? Hello, Ada (36)\n", &[6, 11]);
        assert_eq!(shown(&seen), "Name? \n> Ada\nAge? \n> 36\nHello, Ada (36)");
        assert_eq!(departs(&expected, &seen), None);
    }

    #[test]
    fn a_prompt_may_end_its_line_or_not_and_spaces_at_the_end_of_a_line_are_not_seen() {
        let expected = transcript("Name?\n> Ada\nHi");
        for (output, at, same) in [
            ("Name? Hi\n", 6, true),
            ("Name?\nHi\n", 6, true),
            ("Name?Hi", 5, true),
            ("Name?\n\nHi", 7, false),
            ("Name:Hi", 5, false),
            ("Hi", 0, false),
            ("Name?Hi\n\n", 5, false),
        ] {
            assert_eq!(departs(&expected, &of_run(&expected, output, &[at])).is_none(), same, "{output:?}");
        }
    }

    #[test]
    fn a_prompt_that_is_the_mark_itself_is_the_mark() {
        let expected = transcript("> 1\n> 2\n3");
        assert_eq!(departs(&expected, &of_run(&expected, "> > 3\n", &[2, 4])), None);
        assert_eq!(departs(&expected, &of_run(&expected, "3\n", &[0, 0])), None);
        assert_eq!(departs(&expected, &of_run(&expected, "> \n> 3\n", &[3, 5])), Some(0));
    }

    #[test]
    fn printing_what_should_be_typed_is_not_reading_it() {
        let expected = transcript("> Ada\nHello");
        let seen = of_run(&expected, "> Ada\nHello\n", &[]);
        assert_eq!(departs(&expected, &seen), Some(0));
    }

    #[test]
    fn a_line_that_nobody_read_is_missed() {
        let expected = transcript("a\n> 1\n> 2");
        let seen = of_run(&expected, "a\n", &[2]);
        assert_eq!(departs(&expected, &seen), Some(2));
        let said = departure(&expected, &seen, 2, &Output::default());
        assert!(said.contains("line 3") && said.contains("did not read"), "{said}");
    }

    #[test]
    fn numbers_that_a_container_made_up_cut_no_character_in_two() {
        let expected = transcript("> 1\n> 2");
        let seen = of_run(&expected, "ää", &[u64::MAX, 1]);
        assert_eq!(seen, [Printed("ää".into()), Typed("1".into()), Typed("2".into())]);
        assert_eq!(of_run(&expected, "ää", &[1, 3])[0], Typed("1".into()));
    }
}
