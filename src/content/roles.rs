//! The role of a fenced block: what stands after its language.

use std::ops::Range;

use crate::domain::exercise::Language;
use crate::domain::ids::ImageName;
use crate::domain::limits::Limits;

use super::attributes::{self, Attribute, Value};
use super::nearest::{nearest, suggest};
use super::problem::Problems;

/// What a fenced block is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Role {
    Run { image: Option<ImageName> },
    Starter { file: Option<Value> },
    Test(TestAttributes),
    ExUnit { file: Option<Value>, timeout_ms: Option<u64> },
    Solution { file: Option<Value> },
    Wrong { fails: Option<Value>, says: Option<String> },
    Support { file: Option<Value>, hidden: bool },
}

impl Role {
    /// Whether it is code as a program has it, without prompts.
    pub fn is_code(&self) -> bool {
        !matches!(self, Self::Test(_))
    }
}

/// What a `test` block says beside its cases.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct TestAttributes {
    pub hidden: bool,
    pub prints: bool,
    /// An `io` block: a session with typed lines.
    pub session: bool,
    pub name: Option<Value>,
    pub timeout_ms: Option<u64>,
    pub points: Option<(u32, Range<usize>)>,
}

pub(super) const ROLES: [&str; 8] = ["run", "starter", "test", "io", "exunit", "solution", "wrong", "support"];

/// What an info string says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Info {
    /// Code without a role, to be shown.
    Plain { language: String },
    /// A block with a role.
    Role { language: Language, role: Role },
    /// Something was wrong and has been reported.
    Broken,
}

/// Whether an info string asks for a role, without looking closer.
pub(super) fn asks_for_role(info: &str) -> bool {
    let mut words = info.split_whitespace();
    words.next();
    words.next().is_some_and(|word| ROLES.contains(&word))
}

/// Reads an info string: a language, a role, attributes.
pub(super) fn info(range: Range<usize>, problems: &mut Problems<'_>) -> Info {
    let source = problems.source;
    let text = &source.text[range.clone()];
    let Some(word) = text.split_whitespace().next() else {
        return Info::Plain { language: String::new() };
    };
    let word_span = range.start..range.start + word.len();
    let code = match word {
        "elixir" => Some(Language::Elixir),
        "erlang" => Some(Language::Erlang),
        _ => None,
    };
    if code.is_none() && !asks_for_role(text) {
        if ROLES.contains(&word) {
            problems.error(
                "missing-language",
                word_span,
                format!("`{word}` is a role, and the language before it is missing"),
                format!("write ```elixir {word}"),
            );
            return Info::Broken;
        }
        return Info::Plain { language: word.to_owned() };
    }
    if word_span.end == range.end {
        return Info::Plain { language: word.to_owned() };
    }
    let before = problems.list.len();
    let words = attributes::parse(word_span.end..range.end, problems);
    let role = role(&words, code.unwrap_or(Language::Elixir), problems);
    let language = match (code, &role) {
        (Some(Language::Erlang), Some(Role::Run { .. } | Role::ExUnit { .. })) => {
            problems.error(
                "unsupported-language",
                word_span,
                "this role is for Elixir only",
                "leave out the role to show the code only",
            );
            return Info::Broken;
        }
        (Some(language), _) => language,
        (_, None) => return Info::Broken,
        (None, Some(_)) => {
            let help = match nearest(word, ["elixir", "erlang"]) {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => "leave out the role to show the code only".to_owned(),
            };
            problems.error("unsupported-language", word_span, format!("a block in `{word}` cannot have a role"), help);
            return Info::Broken;
        }
    };
    match role {
        Some(role) if problems.list.len() == before => Info::Role { language, role },
        _ => Info::Broken,
    }
}

fn role(words: &[Attribute], language: Language, problems: &mut Problems<'_>) -> Option<Role> {
    let (first, rest) = words.split_first()?;
    let name = first.key.as_str();
    if first.value.is_some() || !ROLES.contains(&name) {
        unknown_role(first, words, problems);
        return None;
    }
    let mut reader = Reader { role: name, language, words: rest, problems };
    let role = match name {
        "run" => Role::Run { image: reader.value("image").and_then(|value| image(&value, reader.problems)) },
        "starter" => Role::Starter { file: reader.file() },
        "solution" => Role::Solution { file: reader.file() },
        "exunit" => Role::ExUnit { file: reader.file(), timeout_ms: reader.timeout() },
        "test" => Role::Test(reader.test()),
        "io" => Role::Test(TestAttributes { session: true, ..reader.test() }),
        "wrong" => Role::Wrong { fails: reader.value("fails"), says: reader.value("says").map(|says| says.text) },
        _ => Role::Support { file: reader.file(), hidden: reader.flag("hidden") },
    };
    reader.refuse_others();
    Some(role)
}

fn unknown_role(first: &Attribute, words: &[Attribute], problems: &mut Problems<'_>) {
    let name = first.key.as_str();
    let help = match words.iter().find(|word| ROLES.contains(&word.key.as_str())) {
        Some(role) => format!("the role comes first: ```elixir {} …", role.key),
        None => suggest(name, ROLES),
    };
    problems.error("unknown-role", first.span(), format!("`{name}` is not a role"), help);
}

/// Reads a role's attributes one by one and then refuses those that nobody asked for.
struct Reader<'r, 'p, 'a> {
    role: &'r str,
    language: Language,
    words: &'r [Attribute],
    problems: &'p mut Problems<'a>,
}

impl Reader<'_, '_, '_> {
    fn known(&self) -> &'static [&'static str] {
        match self.role {
            "test" => &["hidden", "prints", "name", "timeout", "points"],
            "io" => &["hidden", "name", "timeout", "points"],
            "wrong" => &["fails", "says"],
            "support" => &["file", "hidden"],
            "run" => &["image"],
            "starter" | "solution" => &["file"],
            "exunit" => &["file", "timeout"],
            _ => &[],
        }
    }

    fn flag(&mut self, key: &str) -> bool {
        let Some(word) = self.words.iter().find(|word| word.key == key) else {
            return false;
        };
        if word.value.is_some() {
            self.problems.error(
                "bad-attribute",
                word.span(),
                format!("`{key}` takes no value"),
                format!("write `{key}` alone"),
            );
        }
        true
    }

    fn value(&mut self, key: &str) -> Option<Value> {
        let word = self.words.iter().find(|word| word.key == key)?;
        match &word.value {
            Some(value) if !value.text.trim().is_empty() => Some(value.clone()),
            _ => {
                let message = format!("`{key}` needs a value");
                self.problems.error("bad-attribute", word.span(), message, format!("write {key}=\"…\""));
                None
            }
        }
    }

    fn test(&mut self) -> TestAttributes {
        TestAttributes {
            hidden: self.flag("hidden"),
            prints: self.role == "test" && self.flag("prints"),
            session: false,
            name: self.value("name"),
            timeout_ms: self.timeout(),
            points: self.value("points").and_then(|value| points(&value, 0, self.problems).map(|n| (n, value.span))),
        }
    }

    fn timeout(&mut self) -> Option<u64> {
        let value = self.value("timeout")?;
        let longest = Limits::DEFAULT.job_ms;
        let (number, unit) = match (value.text.strip_suffix("ms"), value.text.strip_suffix('s')) {
            (Some(number), _) => (number, 1),
            (None, Some(number)) => (number, 1000),
            (None, None) => (value.text.as_str(), 1),
        };
        let parsed = number.parse::<u64>().ok().and_then(|number| number.checked_mul(unit));
        match parsed.filter(|ms| (1..=longest).contains(ms)) {
            Some(ms) => Some(ms),
            None => {
                self.problems.error(
                    "bad-timeout",
                    value.span,
                    format!("`{}` is not a time limit", value.text),
                    format!("write milliseconds or seconds, at most {longest} ms in all: timeout=500 or timeout=2s"),
                );
                None
            }
        }
    }

    fn file(&mut self) -> Option<Value> {
        let value = self.value("file")?;
        let endings: &[&str] = match (self.role, self.language) {
            ("exunit", _) => &["_test.exs"],
            (_, Language::Elixir) => &[".ex"],
            (_, Language::Erlang) => &[".erl", ".hrl"],
        };
        let plain = endings.iter().filter_map(|ending| value.text.strip_suffix(ending)).any(|stem| {
            !stem.is_empty() && stem.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
        });
        let taken = self.role == "support" && value.text == self.language.solution_file();
        if plain && !taken {
            return Some(value);
        }
        let learners = self.language.solution_file();
        self.problems.error(
            "bad-file-name",
            value.span,
            format!("`{}` cannot be the name of a `{}` file", value.text, self.role),
            format!(
                "use small letters, digits and underscores, and `{}` at the end; `{learners}` is the learner's",
                endings[0]
            ),
        );
        None
    }

    fn refuse_others(&mut self) {
        let known = self.known();
        for word in self.words.iter().filter(|word| !known.contains(&word.key.as_str())) {
            let role = self.role;
            let help = if known.is_empty() {
                format!("a `{role}` block takes no attributes")
            } else {
                suggest(&word.key, known.iter().copied())
            };
            let help = match (role, word.key.as_str()) {
                ("exunit", "hidden") => {
                    "its tests run within the learner's program, which could read them; hide a `test` or `io` block"
                        .to_owned()
                }
                ("exunit", "points") => "write `points` in the exercise's comment: its tests share them".to_owned(),
                ("io", "prints") => "an `io` block is about what is printed by nature".to_owned(),
                _ => help,
            };
            let hidden_by_nature = word.key == "hidden" && matches!(role, "solution" | "wrong");
            let help = if hidden_by_nature { format!("a `{role}` block is never shown in the text") } else { help };
            let message = format!("`{}` is not an attribute of a `{role}` block", word.key);
            self.problems.error("unknown-attribute", word.key_span.clone(), message, help);
        }
    }
}

/// Reads the name of an image with packages.
pub(super) fn image(value: &Value, problems: &mut Problems<'_>) -> Option<ImageName> {
    ImageName::parse(&value.text)
        .map_err(|error| {
            let help =
                "write what comes after `elixir-` in the name of its folder in runner-images/, as in image=parsec";
            problems.error("bad-attribute", value.span.clone(), error.to_string(), help);
        })
        .ok()
}

/// Largest number of points that an exercise or block may be worth.
const MOST_POINTS: u32 = 1000;

/// Reads a number of points.
pub(super) fn points(value: &Value, least: u32, problems: &mut Problems<'_>) -> Option<u32> {
    let points = value.text.parse().ok().filter(|points| (least..=MOST_POINTS).contains(points));
    if points.is_none() {
        problems.error(
            "bad-points",
            value.span.clone(),
            format!("`{}` is not a number of points", value.text),
            format!("write a whole number from {least} to {MOST_POINTS}"),
        );
    }
    points
}
