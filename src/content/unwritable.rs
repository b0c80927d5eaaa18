//! Expected values that nobody can write down.

use super::doctest::Line;
use super::problem::Problems;

/// Reports text that `inspect` shows for values without a literal form, such as `#PID<0.1.0>`: outside of a string,
/// Elixir takes it for a comment. `None` when something was reported.
pub(super) fn check(value: &[Line<'_>], problems: &mut Problems<'_>) -> Option<()> {
    let mut in_string = false;
    let mut only_comments = true;
    for line in value {
        let mut escaped = false;
        for (at, c) in line.text.char_indices() {
            match c {
                _ if escaped => escaped = false,
                '\\' => escaped = true,
                '"' => in_string = !in_string,
                '#' if !in_string => {
                    if let Some(name) = inspected(&line.text[at + 1..]) {
                        let start = line.at + at;
                        let shown = format!("#{name}<…>");
                        problems.error(
                            "unwritable-value",
                            start..start + name.len() + 2,
                            format!("an expected value cannot contain `{shown}`: it is not an Elixir expression"),
                            advice(name),
                        );
                        return None;
                    }
                    break;
                }
                c if !c.is_whitespace() => only_comments = false,
                _ => {}
            }
            only_comments &= !in_string;
        }
    }
    if only_comments && let Some(first) = value.first() {
        problems.error(
            "comment-as-value",
            first.span(),
            "the expected value is only a comment",
            "write the value itself; a comment may stand behind it",
        );
        return None;
    }
    Some(())
}

/// The name in `Name<…`, when a text begins so.
fn inspected(text: &str) -> Option<&str> {
    let (name, _) = text.split_once('<')?;
    let is_name = name.starts_with(|c: char| c.is_ascii_uppercase())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '.' || c == '_');
    is_name.then_some(name)
}

fn advice(name: &str) -> String {
    match name {
        "PID" | "Function" | "Reference" | "Port" => {
            let test = name.to_lowercase();
            format!("test what matters about it instead, for instance `iex> is_{test}(value)`, then `true`")
        }
        "MapSet" => "write the expression that makes it, such as `MapSet.new([1, 2])`".to_owned(),
        _ => format!("write the expression that makes this {name}"),
    }
}
