//! Fenced blocks that are notes: Exercism writes `~~~~exercism/note` where lessons here have `> [!NOTE]`.

/// Turns these blocks into quotations of as many lines, so that every other line keeps its number.
pub(super) fn into_quotations(text: &str) -> String {
    let lines: Vec<&str> = text.split('\n').collect();
    let mut changed: Vec<String> = Vec::with_capacity(lines.len());
    let mut at = 0;
    while let Some(line) = lines.get(at) {
        let Some((mark, width, info)) = opening(line) else {
            changed.push((*line).to_owned());
            at += 1;
            continue;
        };
        let closes = |line: &&str| closing(line, mark, width);
        let Some(length) = lines[at + 1..].iter().position(closes) else {
            // Without an end it swallows the rest, whatever it is.
            changed.extend(lines[at..].iter().map(|line| (*line).to_owned()));
            break;
        };
        let inside = &lines[at + 1..at + 1 + length];
        match kind(info) {
            Some(kind) => {
                changed.push(format!("> [!{kind}]"));
                changed.extend(inside.iter().map(|line| format!("> {line}").trim_end().to_owned()));
                changed.push(String::new());
            }
            None => changed.extend(lines[at..at + length + 2].iter().map(|line| (*line).to_owned())),
        }
        at += length + 2;
    }
    changed.join("\n")
}

fn kind(info: &str) -> Option<&'static str> {
    match info.strip_prefix("exercism/")?.split_whitespace().next()? {
        "caution" => Some("CAUTION"),
        "warning" => Some("WARNING"),
        "advanced" => Some("TIP"),
        _ => Some("NOTE"),
    }
}

/// The fence that a line opens: its mark, how often it stands there, and what follows.
fn opening(line: &str) -> Option<(char, usize, &str)> {
    let shown = line.trim_start_matches(' ');
    let mark = shown.chars().next().filter(|mark| matches!(mark, '`' | '~'))?;
    let width = shown.chars().take_while(|c| *c == mark).count();
    let info = shown[width..].trim();
    let fence = line.len() - shown.len() <= 3 && width >= 3 && (mark == '~' || !info.contains('`'));
    fence.then_some((mark, width, info))
}

fn closing(line: &str, mark: char, width: usize) -> bool {
    let shown = line.trim();
    shown.chars().count() >= width && shown.chars().all(|c| c == mark) && line.len() - line.trim_start().len() <= 3
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notes_become_quotations_and_other_fences_stay() {
        let text = "a\n~~~~exercism/caution\nb\n\n```elixir\n1\n```\n~~~~\nc\n```md\n~~~~exercism/note\nx\n~~~~\n```\n";
        let expected =
            "a\n> [!CAUTION]\n> b\n>\n> ```elixir\n> 1\n> ```\n\nc\n```md\n~~~~exercism/note\nx\n~~~~\n```\n";
        assert_eq!(into_quotations(text), expected);
        assert_eq!(into_quotations("~~~exercism/note\nopen"), "~~~exercism/note\nopen");
    }
}
