//! `athanor explain CODE`: what a problem of a lesson means, at length.

use std::process::ExitCode;

use super::USAGE;
use crate::content::nearest;

/// One section for each code.
const PAGES: &str = include_str!("../../docs/PROBLEMS.md");

/// The codes and their pages.
fn pages() -> impl Iterator<Item = (&'static str, &'static str)> {
    let sections = PAGES.split("\n## ").skip(1);
    sections.filter_map(|section| section.split_once('\n')).map(|(code, text)| (code.trim(), text.trim()))
}

/// Prints the page of a code, or all codes.
pub(super) fn run(code: Option<&str>) -> ExitCode {
    let Some(code) = code else {
        pages().for_each(|(code, _)| println!("{code}"));
        return ExitCode::SUCCESS;
    };
    if let Some((_, text)) = pages().find(|(known, _)| *known == code) {
        println!("{text}");
        return ExitCode::SUCCESS;
    }
    let near = nearest(code, pages().map(|(known, _)| known));
    let meant = near.map(|known| format!("; did you mean {known}?")).unwrap_or_default();
    eprintln!("athanor: there is no problem called {code}{meant} (`athanor explain` lists all)");
    ExitCode::from(USAGE)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::pages;

    /// What in the sources looks like a problem's code: in kebab-case, alone in its quotes, and next to where problems are made.
    fn codes() -> BTreeSet<String> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        let mut codes = BTreeSet::new();
        for folder in ["content", "cli/check"] {
            for entry in std::fs::read_dir(root.join(folder)).expect("a folder").flatten() {
                let text = std::fs::read_to_string(entry.path()).unwrap_or_default();
                let text = text.split("#[cfg(test)]").next().unwrap_or_default();
                for (at, _) in text.match_indices('"') {
                    let word = text[at + 1..].split('"').next().unwrap_or_default();
                    let before = text[..at].trim_end();
                    let made = [
                        "error(",
                        "problem(",
                        "fail(",
                        "refuse(",
                        "code:",
                        "path,",
                        "else {",
                        "if twice {",
                        "=",
                        "expect_line,",
                        "line,",
                    ];
                    let kebab = word.contains('-')
                        && word.starts_with(|c: char| c.is_ascii_lowercase())
                        && !word.starts_with("language-")
                        && word.bytes().all(|b| b.is_ascii_lowercase() || b == b'-' || b.is_ascii_digit());
                    if kebab && made.iter().any(|end| before.ends_with(end)) {
                        codes.insert(word.to_owned());
                    }
                }
            }
        }
        codes
    }

    #[test]
    fn every_code_has_its_page_and_the_pages_are_in_order() {
        let explained: Vec<&str> = pages().map(|(code, _)| code).collect();
        assert!(explained.is_sorted(), "{explained:?}");
        let codes = codes();
        assert!(codes.len() > 60, "{codes:?}");
        let missing: Vec<_> = codes.iter().filter(|code| !explained.contains(&code.as_str())).collect();
        assert_eq!(missing, Vec::<&String>::new());
    }
}
