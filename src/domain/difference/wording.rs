//! Words for differences between texts, and the grammar of sentences about values.

use unicode_normalization::UnicodeNormalization as _;

use super::show::grouped;

/// `1 difference`, `3 differences`, with the verb before.
pub(super) fn count(number: usize, one: &str, many: &str, noun: &str) -> String {
    if number == 1 { format!("{one} 1 {noun}") } else { format!("{many} {} {noun}s", grouped(number)) }
}

/// `one`, or the number.
pub(super) fn several(number: usize) -> String {
    if number == 1 { "one".to_owned() } else { grouped(number) }
}

/// A noun with its article.
pub(super) fn a(noun: &str) -> String {
    let article = if noun.starts_with(['a', 'e', 'i', 'o', 'u', 'A', 'E', 'I', 'O', 'U']) { "an" } else { "a" };
    format!("{article} {noun}")
}

/// Most things that are told one by one.
const TOLD: usize = 4;

/// `a, b and c`, or the first of them and how many more.
pub(super) fn list(things: &[String]) -> String {
    match things {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] if things.len() <= TOLD => format!("{} and {last}", first.join(", ")),
        _ => format!("{} and {} more", things[..TOLD - 1].join(", "), grouped(things.len() - (TOLD - 1))),
    }
}

/// What differs between two texts, where it can be said in a few words. With `escapes` they are written as `inspect`
/// writes them.
pub(super) fn texts(expected: &str, actual: &str, escapes: bool) -> Option<String> {
    let (expected, actual) = (plain(expected, escapes), plain(actual, escapes));
    let (expected, actual) = (expected.as_str(), actual.as_str());
    if actual.is_empty() {
        return Some("This is empty.".to_owned());
    }
    if let Some(sentence) = at_the_ends(expected, actual) {
        return Some(sentence);
    }
    if expected.replace("\r\n", "\n") == actual.replace("\r\n", "\n") {
        let (has, wanted) = if actual.contains("\r\n") { ("\\r\\n", "\\n") } else { ("\\n", "\\r\\n") };
        return Some(format!("Lines end in {has}, expected {wanted}."));
    }
    if expected.nfc().eq(actual.nfc()) {
        return Some(
            "The two look the same, but are made of different characters: a letter and its accent can be one character \
             or two. String.normalize/2 makes them equal."
                .to_owned(),
        );
    }
    let visible = |text: &str| text.chars().filter(|c| !is_invisible(*c)).collect::<String>();
    if visible(expected) == visible(actual) {
        let odd = actual.chars().chain(expected.chars()).find(|c| is_invisible(*c))?;
        let verb = if actual.contains(odd) { "There is" } else { "There is missing" };
        return Some(format!("{verb} a character that cannot be seen: {}.", character(odd)));
    }
    let solid = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
    if solid(expected) == solid(actual) {
        return Some("Only spaces or line breaks differ.".to_owned());
    }
    if expected.to_lowercase() == actual.to_lowercase() {
        return Some("Only upper and lower case differ.".to_owned());
    }
    let words = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).collect::<String>();
    if !words(expected).is_empty() && words(expected) == words(actual) {
        return Some("Only spaces or punctuation differ.".to_owned());
    }
    None
}

fn at_the_ends(expected: &str, actual: &str) -> Option<String> {
    if let Some(more) = actual.strip_prefix(expected) {
        return Some(match white(more) {
            Some(what) => format!("Same text, but it ends in {what} that should not be there."),
            None => "The text is right at first, but goes on after its end.".to_owned(),
        });
    }
    if let Some(less) = expected.strip_prefix(actual) {
        return Some(match white(less) {
            Some(what) => format!("Same text, but {what} is missing at its end."),
            None => "The text is right at first, but its end is missing.".to_owned(),
        });
    }
    if let Some(what) = actual.strip_suffix(expected).and_then(white) {
        return Some(format!("Same text, but it begins with {what} that should not be there."));
    }
    let what = expected.strip_suffix(actual).and_then(white)?;
    Some(format!("Same text, but {what} is missing at its beginning."))
}

fn white(text: &str) -> Option<String> {
    match text {
        "" => None,
        " " => Some("a space".to_owned()),
        "\n" => Some("a newline".to_owned()),
        "\t" => Some("a tab".to_owned()),
        "\r" => Some("a carriage return".to_owned()),
        "\r\n" => Some("a line end (\\r\\n)".to_owned()),
        _ if text.chars().all(char::is_whitespace) => Some("white space".to_owned()),
        _ => None,
    }
}

/// Whether a character takes no place of its own, or looks like a space and is none.
pub(super) fn is_invisible(c: char) -> bool {
    matches!(c, '\u{AD}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{FEFF}')
        || (c.is_control() && !matches!(c, '\n' | '\t' | '\r'))
}

/// What a character that cannot be seen is called.
pub(super) fn character(c: char) -> String {
    let name = match c {
        ' ' => return "space".to_owned(),
        '\n' => return "newline".to_owned(),
        '\t' => return "tab".to_owned(),
        '\r' => return "carriage return".to_owned(),
        '\u{A0}' => "no-break space",
        '\u{AD}' => "soft hyphen",
        '\u{1B}' => "escape",
        '\0' => "NUL",
        '\u{200B}' => "zero-width space",
        '\u{200C}' => "zero-width non-joiner",
        '\u{200D}' => "zero-width joiner",
        '\u{200E}' => "left-to-right mark",
        '\u{200F}' => "right-to-left mark",
        '\u{202F}' => "narrow no-break space",
        '\u{2009}' => "thin space",
        '\u{FEFF}' => "byte-order mark",
        _ => return format!("U+{:04X}", u32::from(c)),
    };
    format!("{name} (U+{:04X})", u32::from(c))
}

/// The characters of a charlist as `inspect` writes it between its quotes.
pub(super) fn plain_charlist(text: &str) -> impl Iterator<Item = char> {
    plain(text, true).chars().collect::<Vec<_>>().into_iter()
}

/// A text without the escapes of `inspect`.
fn plain(text: &str, escapes: bool) -> String {
    if !escapes || !text.contains('\\') {
        return text.to_owned();
    }
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        plain.push_str(&rest[..at]);
        let (escape, after) = rest[at..].split_at(super::text::escape_length(&rest[at..]));
        let code = |hex: &str| u32::from_str_radix(hex.trim_matches(['{', '}']), 16).ok().and_then(char::from_u32);
        match escape.as_bytes().get(1) {
            Some(b'n') => plain.push('\n'),
            Some(b't') => plain.push('\t'),
            Some(b'r') => plain.push('\r'),
            Some(b's') => plain.push(' '),
            Some(b'e') => plain.push('\u{1B}'),
            Some(b'u') => plain.extend(code(&escape[2..])),
            Some(b'a') => plain.push('\u{7}'),
            Some(b'b') => plain.push('\u{8}'),
            Some(b'v') => plain.push('\u{B}'),
            Some(b'f') => plain.push('\u{C}'),
            Some(b'd') => plain.push('\u{7F}'),
            Some(b'0') => plain.push('\0'),
            Some(b'x') if escape[2..].starts_with('{') => plain.extend(code(&escape[2..])),
            Some(b'x') => plain.push_str(escape),
            _ => plain.push_str(&escape[1..]),
        }
        rest = after;
    }
    plain.push_str(rest);
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_that_nearly_agree_are_told_apart() {
        for (expected, actual, sentence) in [
            ("a", "a ", "Same text, but it ends in a space that should not be there."),
            ("a\\n", "a", "Same text, but a newline is missing at its end."),
            ("a", "\\ta", "Same text, but it begins with a tab that should not be there."),
            ("a\\nb", "a\\r\\nb", "Lines end in \\r\\n, expected \\n."),
            ("ab", "a\\u200Bb", "There is a character that cannot be seen: zero-width space (U+200B)."),
            ("a b", "a  b", "Only spaces or line breaks differ."),
            ("Hello", "hello", "Only upper and lower case differ."),
            ("Hello, World!", "Hello World", "Only spaces or punctuation differ."),
            ("Hello", "Hello!", "The text is right at first, but goes on after its end."),
            ("a", "", "This is empty."),
        ] {
            assert_eq!(texts(expected, actual, true).as_deref(), Some(sentence), "{expected:?} {actual:?}");
        }
        let composed = texts("\u{e9}", "e\u{301}", true).unwrap_or_default();
        assert!(composed.starts_with("The two look the same"), "{composed}");
        assert_eq!(texts("left", "right", true), None);
    }

    #[test]
    fn long_lists_are_shortened() {
        let things = |n: usize| (1..=n).map(|n| n.to_string()).collect::<Vec<_>>();
        assert_eq!(list(&things(1)), "1");
        assert_eq!(list(&things(3)), "1, 2 and 3");
        assert_eq!(list(&things(1_203)), "1, 2, 3 and 1,200 more");
    }
}
