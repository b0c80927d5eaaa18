//! How far the pieces of a written value reach.

/// Whether a character may stand in the name of a module, a variable or a function.
pub(super) fn in_alias(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '.' | '@' | '!' | '?')
}

/// Length of a quoted text from its quote on, and whether it ends at all.
pub(super) fn quoted_length(text: &str, end: char) -> (usize, bool) {
    let mut escaped = false;
    for (index, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            _ if c == end => return (index + c.len_utf8(), true),
            _ => {}
        }
    }
    (text.len(), false)
}

/// Length of a sigil, or of one character where there is none.
pub(super) fn sigil_length(text: &str) -> usize {
    let name = 1 + text[1..].chars().take_while(char::is_ascii_alphabetic).count();
    let Some(open) = text[name..].chars().next().filter(|_| name > 1) else { return 1 };
    let end = match open {
        '[' => ']',
        '(' => ')',
        '{' => '}',
        '<' => '>',
        '/' | '|' | '"' | '\'' => open,
        _ => return 1,
    };
    name + quoted_length(&text[name..], end).0
}

/// Length of the key of `key: value`, without the colon.
pub(super) fn keyword_length(text: &str) -> Option<usize> {
    let length = match text.chars().next()? {
        '"' => match quoted_length(text, '"') {
            (length, true) => length,
            _ => return None,
        },
        _ => text.find([':', ' ', ',', '"', '[', ']', '{', '}', '(', ')', '#']).filter(|length| *length > 0)?,
    };
    text[length..].starts_with(": ").then_some(length)
}

/// Length of an atom with its colon.
pub(super) fn atom_length(text: &str) -> usize {
    let special = [":{}", ":%{}", ":<<>>", ":[]", ":..//"];
    match special.iter().find(|atom| text.starts_with(**atom)) {
        Some(atom) => atom.len(),
        None => text.find([',', ' ', ']', '}', ')']).unwrap_or(text.len()).max(1),
    }
}
