//! A lesson's text, and where in it something stands.

use std::ops::Range;

/// The text of one file, with Unix line ends and without a byte-order mark.
#[derive(Debug, Clone)]
pub struct Source {
    /// The file's name as problems show it.
    pub file: String,
    /// Its text.
    pub text: String,
    line_starts: Vec<usize>,
}

impl Source {
    /// Takes a file's text; a byte-order mark is dropped and every kind of line end becomes `\n`.
    #[must_use]
    pub fn new(file: impl Into<String>, text: &str) -> Self {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let text = if text.contains('\r') { text.replace("\r\n", "\n").replace('\r', "\n") } else { text.to_owned() };
        let line_starts = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        Self { file: file.into(), text, line_starts }
    }

    /// Line and column of a byte offset, both counted from 1, columns in characters.
    #[must_use]
    pub fn position(&self, offset: usize) -> (u32, u32) {
        let mut offset = offset.min(self.text.len());
        while !self.text.is_char_boundary(offset) {
            offset -= 1;
        }
        let line = self.line_starts.partition_point(|start| *start <= offset).max(1);
        let column = self.text[self.line_starts[line - 1]..offset].chars().count() + 1;
        (number(line), number(column))
    }

    /// Line of a byte offset, counted from 1.
    #[must_use]
    pub fn line(&self, offset: usize) -> u32 {
        self.position(offset).0
    }

    /// Byte offset of a line and column, both counted from 1; the nearest that exists when they do not.
    #[must_use]
    pub fn offset(&self, line: usize, column: usize) -> usize {
        let Some(start) = self.line_starts.get(line.max(1) - 1) else {
            return self.text.len();
        };
        let rest = &self.text[*start..];
        let rest = rest.split('\n').next().unwrap_or(rest);
        start + rest.char_indices().nth(column.max(1) - 1).map_or(rest.len(), |(at, _)| at)
    }

    /// The part of the line around `offset`, without its line end.
    #[must_use]
    pub fn line_range(&self, offset: usize) -> Range<usize> {
        let offset = offset.min(self.text.len());
        let line = self.line_starts.partition_point(|start| *start <= offset).max(1);
        let start = self.line_starts[line - 1];
        let end = self.line_starts.get(line).map_or(self.text.len(), |next| next - 1);
        start..end
    }
}

fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_counted_in_characters_and_lines_from_one() {
        let source = Source::new("a.md", "\u{feff}é→x\r\ny");
        assert_eq!(source.text, "é→x\ny");
        assert_eq!(source.position(0), (1, 1));
        assert_eq!(source.position("é→".len()), (1, 3));
        assert_eq!(source.position(source.text.len()), (2, 2));
        assert_eq!(source.offset(2, 1), "é→x\n".len());
        assert_eq!(source.offset(9, 9), source.text.len());
    }
}
