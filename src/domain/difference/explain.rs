//! One sentence, in kind words, about what is wrong with a value.

use super::compare::{Edit, Item, is_set};
use super::shape::{Kind, Node, hash};
use super::show::grouped;
use super::wording;

/// Most steps of a path that are told.
const STEPS: usize = 3;

/// Longest value quoted in a sentence, in characters.
const QUOTED: usize = 40;

/// What is wrong, where something can be said that the marks do not say by themselves.
pub(super) fn explain(expected: &Node<'_>, actual: &Node<'_>, edit: &Edit<'_>) -> Option<String> {
    let mut walk = Walk { path: Vec::new(), found: Vec::new(), places: 0 };
    walk.edit(expected, actual, edit);
    let places = walk.places;
    let told = walk.found.into_iter().find(|finding| finding.sentence.is_some() || places == 1)?;
    let place = told.path.join(", ");
    let mut sentence = match (told.sentence, place.is_empty()) {
        (Some(sentence), true) => sentence,
        (Some(sentence), false) => format!("{}: {}", capital(&place), without_capital(&sentence)),
        (None, false) => format!("The only difference is {place}."),
        (None, true) => return None,
    };
    if places > 1 {
        sentence.push_str(&format!(" There {} more.", wording::count(places - 1, "is", "are", "difference")));
    }
    Some(sentence)
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

fn without_capital(sentence: &str) -> String {
    let ours = ["The ", "This ", "Same ", "Only ", "Lines ", "There "];
    if !ours.iter().any(|word| sentence.starts_with(word)) {
        return sentence.to_owned();
    }
    let mut letters = sentence.chars();
    letters.next().map(|first| first.to_lowercase().chain(letters).collect()).unwrap_or_default()
}

struct Finding {
    path: Vec<String>,
    sentence: Option<String>,
}

struct Walk {
    path: Vec<String>,
    found: Vec<Finding>,
    places: usize,
}

impl Walk {
    fn find(&mut self, sentence: Option<String>) {
        self.places += 1;
        if self.found.len() < 8 {
            let steps = self.path.len().saturating_sub(STEPS);
            self.found.push(Finding { path: self.path[steps..].to_vec(), sentence });
        }
    }

    fn edit(&mut self, expected: &Node<'_>, actual: &Node<'_>, edit: &Edit<'_>) {
        match edit {
            Edit::Same => {}
            Edit::Replaced => {
                let sentence = replaced(expected, actual).or_else(|| self.instead(expected, actual));
                self.find(sentence);
            }
            Edit::Text(_) if expected.kind == Kind::Other => self.find(None),
            Edit::Text(_) => self.find(wording::texts(expected.inner(), actual.inner(), true)),
            Edit::Inside(items) => self.inside(expected, actual, items),
        }
    }

    fn instead(&self, expected: &Node<'_>, actual: &Node<'_>) -> Option<String> {
        let short = |node: &Node<'_>| node.text.chars().count() <= QUOTED;
        (!self.path.is_empty() && short(expected) && short(actual))
            .then(|| format!("{} was expected, not {}.", expected.text, actual.text))
    }

    fn inside(&mut self, expected: &Node<'_>, actual: &Node<'_>, items: &[Item<'_>]) {
        if is_set(expected) && is_set(actual) {
            if let [Item::Changed(_, _, Edit::Inside(items))] = items {
                let sentence = elements(&expected.entries[0].value, &actual.entries[0].value, items);
                self.find(sentence);
            }
            return;
        }
        if matches!(expected.kind, Kind::Map | Kind::Struct) {
            if expected.open != actual.open {
                self.find(Some(format!("This is {}, expected {}.", called(actual), called(expected))));
            }
            if let Some(sentence) = keys(expected, actual, items) {
                self.find(Some(sentence));
            }
        } else {
            if let Some(sentence) = order(expected, actual) {
                return self.find(Some(sentence));
            }
            let moved = items.iter().any(|item| matches!(item, Item::Missing(_) | Item::Extra(_)));
            if moved {
                self.find(size(expected, actual, items).or_else(|| elements(expected, actual, items)));
            }
        }
        for item in items {
            let Item::Changed(e, a, edit) = item else { continue };
            let (left, right) = (&expected.entries[*e], &actual.entries[*a]);
            self.path.push(step(expected.kind, left.name(), *a));
            self.edit(&left.value, &right.value, edit);
            self.path.pop();
        }
    }
}

fn step(kind: Kind, name: (bool, &str), index: usize) -> String {
    match (kind, name.1.is_empty()) {
        (Kind::Struct, _) => format!("in the field {}", key(name)),
        (_, false) => format!("under the key {}", key(name)),
        (Kind::Tuple, true) => format!("in element {} of the tuple", index + 1),
        (Kind::Call, true) => "inside".to_owned(),
        (_, true) => format!("in element {}", index + 1),
    }
}

fn key(name: (bool, &str)) -> String {
    let short: String = name.1.chars().take(QUOTED).collect();
    if name.0 { format!(":{short}") } else { short }
}

fn keys(expected: &Node<'_>, actual: &Node<'_>, items: &[Item<'_>]) -> Option<String> {
    let missing: Vec<_> = items
        .iter()
        .filter_map(|item| if let Item::Missing(e) = item { Some(&expected.entries[*e]) } else { None })
        .collect();
    let extra: Vec<_> = items
        .iter()
        .filter_map(|item| if let Item::Extra(a) = item { Some(&actual.entries[*a]) } else { None })
        .collect();
    let bare = |name: (bool, &str)| name.1.trim_matches('"').to_owned();
    if let ([lost, ..], [found, ..]) = (&missing[..], &extra[..]) {
        if lost.name().0 != found.name().0 && bare(lost.name()) == bare(found.name()) {
            let (is, wanted) = if lost.name().0 { ("a string", "the atom") } else { ("an atom", "the string") };
            return Some(format!("The key {} is {is}, expected {wanted} {}.", key(found.name()), key(lost.name())));
        }
        let near = strsim::damerau_levenshtein(&bare(lost.name()), &bare(found.name())) <= 2;
        let same_value = lost.value.text == found.value.text;
        if missing.len() == 1 && extra.len() == 1 && (same_value || (near && bare(lost.name()).len() > 3)) {
            return Some(format!("The key {} should be called {}.", key(found.name()), key(lost.name())));
        }
    }
    let names = |entries: &[&super::shape::Entry<'_>]| {
        wording::list(&entries.iter().map(|entry| key(entry.name())).collect::<Vec<_>>())
    };
    let plural = |entries: &[&super::shape::Entry<'_>]| if entries.len() == 1 { "key" } else { "keys" };
    match (missing.is_empty(), extra.is_empty()) {
        (true, true) => None,
        (false, true) => {
            let verb = if missing.len() == 1 { "is" } else { "are" };
            Some(format!("The {} {} {verb} missing.", plural(&missing), names(&missing)))
        }
        (true, false) => Some(format!("The {} {} should not be there.", plural(&extra), names(&extra))),
        (false, false) => {
            let verb = if missing.len() == 1 { "is" } else { "are" };
            Some(format!(
                "The {} {} {verb} missing, and {} should not be there.",
                plural(&missing),
                names(&missing),
                names(&extra)
            ))
        }
    }
}

fn order(expected: &Node<'_>, actual: &Node<'_>) -> Option<String> {
    if expected.kind == Kind::Bitstring || expected.entries.len() != actual.entries.len() || expected.entries.len() < 2
    {
        return None;
    }
    let hashes = |node: &Node<'_>| node.entries.iter().map(|entry| hash(entry.text)).collect::<Vec<_>>();
    let (mut left, mut right) = (hashes(expected), hashes(actual));
    if !expected.is_keyword() && left.iter().eq(right.iter().rev()) {
        return Some(match expected.kind {
            Kind::List => "The elements are right, but in reverse order.".to_owned(),
            _ => "The elements are right, but the other way round.".to_owned(),
        });
    }
    left.sort_unstable();
    right.sort_unstable();
    (left == right).then(|| {
        if expected.is_keyword() {
            "The keys and values are right, but not their order, which matters in a keyword list.".to_owned()
        } else {
            "The elements are right, but not their order.".to_owned()
        }
    })
}

fn size(expected: &Node<'_>, actual: &Node<'_>, items: &[Item<'_>]) -> Option<String> {
    let (wanted, got) = (expected.entries.len(), actual.entries.len());
    let what = match expected.kind {
        Kind::List => "list",
        Kind::Tuple => "tuple",
        Kind::Bitstring => "binary",
        _ => return None,
    };
    if wanted == got {
        return None;
    }
    let many = wording::several(wanted.abs_diff(got));
    let how = if got < wanted { "fewer" } else { "more" };
    let unit = if expected.kind == Kind::Bitstring { "byte" } else { "element" };
    let units = if got == 1 { unit.to_owned() } else { format!("{unit}s") };
    let size = match got {
        0 => format!("The {what} is empty, {} {units} expected", grouped(wanted)),
        _ => format!("The {what} has {} {units}, {many} {how} than expected", grouped(got)),
    };
    // Which one it is can be said where it is only one.
    let only = match items.iter().filter(|item| !matches!(item, Item::Same(..))).collect::<Vec<_>>()[..] {
        [Item::Missing(e)] if got > 0 => Some((expected.entries[*e].text, "is missing")),
        [Item::Extra(a)] => Some((actual.entries[*a].text, "should not be there")),
        _ => None,
    };
    Some(match only.filter(|(text, _)| text.chars().count() <= QUOTED) {
        Some((text, what)) => format!("{size}: {text} {what}."),
        None => format!("{size}."),
    })
}

fn elements(expected: &Node<'_>, actual: &Node<'_>, items: &[Item<'_>]) -> Option<String> {
    let texts = |missing: bool| {
        let texts: Vec<String> = items
            .iter()
            .filter_map(|item| match item {
                Item::Missing(e) if missing => Some(expected.entries[*e].text.to_owned()),
                Item::Extra(a) if !missing => Some(actual.entries[*a].text.to_owned()),
                _ => None,
            })
            .collect();
        let short = texts.iter().all(|text| text.chars().count() <= QUOTED);
        if texts.is_empty() { None } else { Some((texts.len(), short.then(|| wording::list(&texts)))) }
    };
    let is = |count: usize| if count == 1 { "is" } else { "are" };
    match (texts(true), texts(false)) {
        (Some((n, Some(lost))), None) => Some(format!("{lost} {} missing.", is(n))),
        (None, Some((_, Some(found)))) => Some(format!("{found} should not be there.")),
        (Some((n, Some(lost))), Some((_, Some(found)))) => {
            Some(format!("{lost} {} missing, and {found} should not be there.", is(n)))
        }
        _ => None,
    }
}

fn replaced(expected: &Node<'_>, actual: &Node<'_>) -> Option<String> {
    let (wanted, got) = (expected.text, actual.text);
    let bare = |node: &Node<'_>| node.text.trim_start_matches(':').trim_matches('"').to_owned();
    match (expected.kind, actual.kind) {
        (Kind::Integer, Kind::Float) => {
            let why = " In Elixir / always gives a float; div/2 and round/1 give integers.";
            Some(format!("{got} is a float, expected the integer {wanted}.{why}"))
        }
        (Kind::Float, Kind::Integer) => Some(format!("{got} is an integer, expected the float {wanted}.")),
        (Kind::Integer, Kind::Integer) => (wanted.trim_start_matches('-') == got.trim_start_matches('-'))
            .then(|| "Only the sign is wrong.".to_owned()),
        (Kind::Float, Kind::Float) => {
            let (wanted, got) = (wanted.parse::<f64>().ok()?, got.parse::<f64>().ok()?);
            ((wanted - got).abs() <= wanted.abs() * 1e-9)
                .then(|| "Only the last digits differ: floats are rounded at every step.".to_owned())
        }
        (Kind::String, Kind::Charlist) => Some(
            "This is a charlist, a list of numbers, and a string was expected: strings are written in double quotes."
                .to_owned(),
        ),
        (Kind::Charlist, Kind::String) => {
            Some("This is a string, and a charlist was expected, as in ~c\"abc\" or String.to_charlist/1.".to_owned())
        }
        (Kind::Atom, Kind::String) if bare(expected) == bare(actual) => {
            Some(format!("{got} is a string, expected the atom {wanted}."))
        }
        (Kind::String, Kind::Atom) if bare(expected) == bare(actual) => {
            Some(format!("{got} is an atom, expected the string {wanted}."))
        }
        (Kind::Atom, Kind::Atom) | (Kind::Other, Kind::Other) => None,
        _ => wrapped(expected, actual)
            .or_else(|| Some(format!("This is {}, expected {}.", called(actual), called(expected)))),
    }
}

fn wrapped(expected: &Node<'_>, actual: &Node<'_>) -> Option<String> {
    let shell = |outer: &Node<'_>, inner: &Node<'_>| {
        let at = outer.entries.iter().position(|entry| entry.text == inner.text)?;
        match (outer.kind, outer.entries.len()) {
            (Kind::Tuple, 2) => {
                let other = &outer.entries[1 - at].text;
                let other = if other.chars().count() <= QUOTED { other } else { "…" };
                Some(if at == 1 { format!("{{{other}, …}}") } else { format!("{{…, {other}}}") })
            }
            (Kind::List, 1) => Some("a list".to_owned()),
            (Kind::Tuple, 1) => Some("a tuple".to_owned()),
            _ => None,
        }
    };
    match (shell(actual, expected), shell(expected, actual)) {
        (Some(shell), _) => Some(format!("The value is right, but it is inside {shell}.")),
        (_, Some(shell)) => Some(format!("The value is right, but it should be inside {shell}.")),
        _ => None,
    }
}

/// What a part is called in a sentence, with its value where that is short.
fn called(node: &Node<'_>) -> String {
    let with_value = |name: &str| {
        if node.text.chars().count() <= QUOTED { format!("the {name} {}", node.text) } else { wording::a(name) }
    };
    match node.kind {
        Kind::List if node.entries.is_empty() => "an empty list".to_owned(),
        Kind::List if node.is_keyword() => "a keyword list".to_owned(),
        Kind::List => "a list".to_owned(),
        Kind::Tuple => "a tuple".to_owned(),
        Kind::Map if node.open == "%{" => "a plain map".to_owned(),
        Kind::Map | Kind::Struct => format!("a struct {}}}", node.open),
        Kind::Bitstring => "a binary".to_owned(),
        Kind::Call => wording::a(node.open.trim_end_matches('(').trim_end_matches(".new")),
        Kind::String => with_value("string"),
        Kind::Charlist => with_value("charlist"),
        Kind::Integer => with_value("integer"),
        Kind::Float => with_value("float"),
        Kind::Atom if matches!(node.text, "nil" | "true" | "false") => node.text.to_owned(),
        Kind::Atom if node.text.starts_with(':') => with_value("atom"),
        Kind::Atom => with_value("module name"),
        Kind::Other => node.text.chars().take(QUOTED).collect(),
    }
}
