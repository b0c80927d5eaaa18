//! `config.json` of a track: which exercises there are, and in which order.

use serde_json::Value;

use super::finding::{Finding, Findings, Weight};
use crate::domain::ids::ExerciseId;

/// The two kinds of exercises.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// It teaches something new.
    Concept,
    /// It lets practise what is known.
    Practice,
}

impl Kind {
    /// Both, in the order of their chapters.
    pub const ALL: [Self; 2] = [Self::Concept, Self::Practice];

    /// The folder below `exercises/`, and the key in `config.json`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Concept => "concept",
            Self::Practice => "practice",
        }
    }

    /// The chapter's folder.
    #[must_use]
    pub const fn chapter(self) -> &'static str {
        match self {
            Self::Concept => "01-concepts",
            Self::Practice => "02-practice",
        }
    }
}

/// An exercise as the track lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Its name in addresses, and its folder.
    pub slug: ExerciseId,
    /// What it is called.
    pub name: String,
    /// Which list it stands in.
    pub kind: Kind,
    /// What it teaches.
    pub teaches: Vec<String>,
    /// What it needs to be taught before.
    pub needs: Vec<String>,
    /// The line that names it, counted from 1.
    pub line: Option<u32>,
}

/// What a track lists.
#[derive(Debug, Clone, Default)]
pub struct Track {
    /// What is to be taken, in the order of the lessons.
    pub exercises: Vec<Listed>,
    /// Every name in the lists, those that are skipped included.
    pub named: Vec<String>,
    /// What happened to the rest.
    pub findings: Vec<Finding>,
}

/// Reads `config.json`.
///
/// # Errors
/// Why it is no track's, with line and column where it is not JSON.
pub fn read(text: &str) -> Result<Track, String> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let value: Value = serde_json::from_str(text)
        .map_err(|error| format!("config.json:{}:{}: this is not JSON: {error}", error.line(), error.column()))?;
    let Some(exercises) = value.get("exercises") else {
        return Err("config.json has no `exercises`: is this a track's folder?".to_owned());
    };
    let mut reader = Reader { text, track: Track::default(), findings: Findings::new("") };
    match exercises {
        // As it was before there were two kinds.
        Value::Array(list) => reader.list(Kind::Practice, list),
        Value::Object(kinds) => {
            for kind in Kind::ALL {
                match kinds.get(kind.as_str()) {
                    None | Some(Value::Null) => {}
                    Some(Value::Array(list)) => reader.list(kind, list),
                    Some(_) => {
                        let message = format!("`exercises.{}` is not a list", kind.as_str());
                        reader.findings.left_out("config.json", message);
                    }
                }
            }
            for key in kinds.keys().filter(|key| !["concept", "practice", "foregone"].contains(&key.as_str())) {
                let message = format!("`exercises.{key}` is no list that is known; nothing of it is taken");
                reader.findings.add(Weight::LeftOut, "config.json", None, message);
            }
        }
        _ => return Err("`exercises` in config.json is neither a list nor an object".to_owned()),
    }
    reader.track.findings = reader.findings.list;
    Ok(reader.track)
}

struct Reader<'a> {
    text: &'a str,
    track: Track,
    findings: Findings,
}

impl Reader<'_> {
    fn list(&mut self, kind: Kind, list: &[Value]) {
        for (index, entry) in list.iter().enumerate() {
            self.entry(kind, index, entry);
        }
    }

    fn entry(&mut self, kind: Kind, index: usize, entry: &Value) {
        let text = |key: &str| entry.get(key).and_then(Value::as_str).map(str::trim).filter(|text| !text.is_empty());
        let Some(name) = text("slug") else {
            let message = format!("entry {} of `exercises.{}` has no `slug`", index + 1, kind.as_str());
            self.findings.left_out("config.json", message);
            return;
        };
        let line = self.line_of(name);
        self.track.named.push(name.to_owned());
        let deprecated = entry.get("deprecated").and_then(Value::as_bool) == Some(true);
        let status = text("status").or(deprecated.then_some("deprecated")).unwrap_or("active");
        if matches!(status, "deprecated" | "wip") {
            let message = format!("`{name}` is skipped: it is marked `{status}`");
            self.findings.add(Weight::Notice, "config.json", line, message);
            return;
        }
        let slug = match ExerciseId::parse(name) {
            Ok(slug) => slug,
            Err(error) => {
                let message = format!("an exercise cannot keep this slug as its id: {error}");
                self.findings.add(Weight::LeftOut, "config.json", line, message);
                return;
            }
        };
        if let Some(first) = self.track.exercises.iter().find(|known| known.slug == slug) {
            let message =
                format!("`{name}` is listed twice, first as {}; ids are unique in a course", first.kind.as_str());
            self.findings.add(Weight::LeftOut, "config.json", line, message);
            return;
        }
        let names = |key: &str| -> Vec<String> {
            let list = entry.get(key).and_then(Value::as_array);
            list.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
        };
        let name = text("name").map_or_else(|| title_of(name), str::to_owned);
        let (teaches, needs) = (names("concepts"), names("prerequisites"));
        self.track.exercises.push(Listed { slug, name, kind, teaches, needs, line });
    }

    /// The parser keeps no places, so the first line that holds the quoted name is taken.
    fn line_of(&self, name: &str) -> Option<u32> {
        let quoted = format!("\"{name}\"");
        let names_it = |line: &&str| line.contains("\"slug\"") && line.contains(&quoted);
        let index = self.text.lines().position(|line| names_it(&line))?;
        u32::try_from(index + 1).ok()
    }
}

/// `two-fer` is called "Two Fer".
fn title_of(slug: &str) -> String {
    let capital = |word: &str| {
        let mut letters = word.chars();
        letters.next().map(|first| first.to_uppercase().chain(letters).collect::<String>()).unwrap_or_default()
    };
    slug.split(['-', '_', ' ']).filter(|word| !word.is_empty()).map(capital).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exercises_come_in_the_order_of_the_lists_and_concepts_first() {
        let track = read(
            r#"{"exercises": {
              "practice": [{"slug": "second", "prerequisites": ["a"]}, {"slug": "old", "status": "deprecated"}, {"slug": "First!"}],
              "concept": [{"slug": "b-a", "name": "Bees", "concepts": ["a"], "status": "beta"}, {"slug": "second"}, {"name": "x"}],
              "foregone": ["never"], "other": []
            }}"#,
        )
        .expect("a track");
        let named: Vec<_> =
            track.exercises.iter().map(|one| (one.slug.as_str(), one.name.as_str(), one.kind)).collect();
        assert_eq!(named, [("b-a", "Bees", Kind::Concept), ("second", "Second", Kind::Concept)]);
        let weights: Vec<_> = track.findings.iter().map(|found| found.weight).collect();
        use Weight::{LeftOut, Notice};
        assert_eq!(weights, [LeftOut, LeftOut, Notice, LeftOut, LeftOut], "{:?}", track.findings);
    }

    #[test]
    fn what_is_no_track_is_said() {
        assert!(read("{\n x").is_err_and(|message| message.starts_with("config.json:2:2")));
        assert!(read("{}").is_err());
        assert!(read("[]").is_err());
        assert!(read("{\"exercises\": 1}").is_err());
        assert_eq!(read("{\"exercises\": [{\"slug\": \"old-way\"}]}").expect("a track").exercises.len(), 1);
    }
}
