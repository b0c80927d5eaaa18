//! Words and `key=value` pairs, as they stand after a fence's language or in an exercise's comment.

use std::ops::Range;

use super::problem::Problems;

/// One word or pair, with its place in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Attribute {
    pub key: String,
    pub key_span: Range<usize>,
    /// `None` for a bare word.
    pub value: Option<Value>,
}

/// What stands after the `=`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Value {
    pub text: String,
    /// Without the quotes.
    pub span: Range<usize>,
}

impl Attribute {
    /// From the key to the end of the value.
    pub fn span(&self) -> Range<usize> {
        self.key_span.start..self.value.as_ref().map_or(self.key_span.end, |value| value.span.end)
    }
}

/// Reads attributes from `range` of the file. A value may be quoted by `"` or `'`; in quotes a backslash keeps the
/// quote (or backslash) after it from being special.
pub(super) fn parse(range: Range<usize>, problems: &mut Problems<'_>) -> Vec<Attribute> {
    let source = problems.source;
    let mut reader = Reader { text: &source.text, at: range.start, end: range.end };
    let mut attributes: Vec<Attribute> = Vec::new();
    while let Some(attribute) = reader.next(problems) {
        // What is broken has been reported, and is not looked at again.
        let Some(attribute) = attribute else { continue };
        if let Some(earlier) = attributes.iter().find(|earlier| earlier.key == attribute.key) {
            let (line, column) = source.position(earlier.key_span.start);
            problems.error(
                "duplicate-attribute",
                attribute.key_span.clone(),
                format!("`{}` stands here twice, first at column {column} of line {line}", attribute.key),
                "keep one of them",
            );
        } else {
            attributes.push(attribute);
        }
    }
    attributes
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    end: usize,
}

impl Reader<'_> {
    fn rest(&self) -> &str {
        &self.text[self.at..self.end]
    }

    fn skip_while(&mut self, accept: impl Fn(char) -> bool) -> Range<usize> {
        let start = self.at;
        self.at += self.rest().chars().take_while(|c| accept(*c)).map(char::len_utf8).sum::<usize>();
        start..self.at
    }

    /// `None` at the end; `Some(None)` for a broken one.
    fn next(&mut self, problems: &mut Problems<'_>) -> Option<Option<Attribute>> {
        self.skip_while(char::is_whitespace);
        if self.rest().is_empty() {
            return None;
        }
        let key_span = self.skip_while(|c| !c.is_whitespace() && c != '=');
        let key = self.text[key_span.clone()].to_owned();
        if !self.rest().starts_with('=') {
            return Some(Some(Attribute { key, key_span, value: None }));
        }
        self.at += 1;
        let before = problems.list.len();
        if key.is_empty() {
            problems.error(
                "bad-attribute",
                self.at - 1..self.at,
                "there is no name before this `=`",
                "write name=value",
            );
        }
        let value = match self.rest().chars().next() {
            Some(quote @ ('"' | '\'')) => self.quoted(quote, problems),
            Some(c) if !c.is_whitespace() => {
                let span = self.skip_while(|c| !c.is_whitespace());
                Value { text: self.text[span.clone()].to_owned(), span }
            }
            _ => {
                problems.error(
                    "bad-attribute",
                    key_span.start..self.at,
                    format!("`{key}=` has no value"),
                    format!("write {key}=value, or {key}=\"several words\", without a space around the `=`"),
                );
                Value { text: String::new(), span: self.at..self.at }
            }
        };
        let sound = problems.list.len() == before;
        Some(sound.then_some(Attribute { key, key_span, value: Some(value) }))
    }

    fn quoted(&mut self, quote: char, problems: &mut Problems<'_>) -> Value {
        let open = self.at;
        let mut text = String::new();
        let mut escaped = false;
        for (at, c) in self.text[open + 1..self.end].char_indices() {
            let at = open + 1 + at;
            if escaped {
                if c != quote && c != '\\' {
                    text.push('\\');
                }
                text.push(c);
                escaped = false;
            } else if c == '\\' {
                escaped = true;
            } else if c == quote {
                self.at = at + 1;
                return Value { text, span: open + 1..at };
            } else {
                text.push(c);
            }
        }
        self.at = self.end;
        problems.error(
            "unclosed-quote",
            open..self.end,
            "this quoted value has no end",
            format!("close it with {quote} on the same line"),
        );
        Value { text, span: open + 1..self.end }
    }
}

#[cfg(test)]
mod tests {
    use super::super::source::Source;
    use super::*;

    fn read(text: &str) -> (Vec<(String, Option<String>)>, Vec<&'static str>) {
        let source = Source::new("x.md", text);
        let mut problems = Problems::new(&source);
        let attributes = parse(0..source.text.len(), &mut problems);
        let pairs = attributes.into_iter().map(|a| (a.key, a.value.map(|v| v.text))).collect();
        (pairs, problems.list.iter().map(|problem| problem.code).collect())
    }

    #[test]
    fn words_pairs_and_quotes_are_read() {
        let (pairs, problems) = read(r#"hidden name="keeps \"nil\"" says='a "b"' points=2"#);
        let pair = |key: &str, value: Option<&str>| (key.to_owned(), value.map(str::to_owned));
        assert_eq!(
            pairs,
            [
                pair("hidden", None),
                pair("name", Some("keeps \"nil\"")),
                pair("says", Some("a \"b\"")),
                pair("points", Some("2"))
            ]
        );
        assert!(problems.is_empty());
    }

    #[test]
    fn broken_attributes_are_reported() {
        assert_eq!(read("name=\"abc").1, ["unclosed-quote"]);
        assert_eq!(read("points= 2").1, ["bad-attribute"]);
        assert_eq!(read("=2").1, ["bad-attribute"]);
        assert_eq!(read("hidden hidden").1, ["duplicate-attribute"]);
    }
}
