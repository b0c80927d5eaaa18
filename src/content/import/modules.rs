//! Which modules a file defines and which it mentions, as far as words tell.

use std::collections::BTreeSet;

use crate::domain::exercise::SourceFile;

/// The modules that a text defines, by their full names and by their last parts.
fn defined(text: &str) -> BTreeSet<&str> {
    let names = text.lines().filter_map(|line| {
        let rest = ["defmodule ", "defprotocol "].iter().find_map(|word| line.trim_start().strip_prefix(word))?;
        rest.split(|c: char| !is_name(c)).next().filter(|name| !name.is_empty())
    });
    names.flat_map(|name| [Some(name), name.rsplit('.').next()]).flatten().collect()
}

fn is_name(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '.')
}

/// Whether `text` mentions a module that `other` defines.
pub(super) fn uses(text: &str, other: &str) -> bool {
    let (names, own) = (defined(other), defined(text));
    let mut mentioned = text.split(|c: char| !is_name(c)).map(module);
    mentioned.any(|name| names.contains(name) && !own.contains(name))
}

/// `Shapes.Box.new` begins with the module `Shapes.Box`.
fn module(word: &str) -> &str {
    let capital = |part: &&str| part.starts_with(|c: char| c.is_uppercase());
    let length: usize = word.split('.').take_while(capital).map(|part| part.len() + 1).sum();
    &word[..length.saturating_sub(1)]
}

/// Puts files before those that use them: as one text, a struct has to be defined above its first use. Files that use
/// each other stay in the order they came in.
pub(super) fn in_order(files: Vec<SourceFile>) -> Vec<SourceFile> {
    let mut left = files;
    let mut ordered = Vec::with_capacity(left.len());
    while !left.is_empty() {
        let is_free =
            |at: usize| left.iter().enumerate().all(|(other, file)| other == at || !uses(&left[at].text, &file.text));
        let next = (0..left.len()).find(|at| is_free(*at)).unwrap_or(0);
        ordered.push(left.remove(next));
    }
    ordered
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_used_comes_first_and_circles_stay_as_they_are() {
        let file = |name: &str, text: &str| SourceFile { file: name.to_owned(), text: text.to_owned() };
        let order = |files: &[SourceFile]| -> String {
            in_order(files.to_vec()).iter().map(|file| file.file.as_str()).collect::<Vec<_>>().join(" ")
        };
        let shapes = file("shapes", "defmodule Shapes do\n  alias Shapes.Box\n  def f(%Box{}), do: 1\nend\n");
        let square = file("square", "defmodule Square do\n  def f(x), do: Shapes.f(x)\nend\n");
        let cube = file("box", "defmodule Shapes.Box do\n  defstruct [:w]\nend\n");
        assert_eq!(order(&[square.clone(), shapes.clone(), cube]), "box shapes square");
        let round = file("round", "defmodule Round do\n  def f, do: Back.f()\nend\n");
        let back = file("back", "defmodule Back do\n  def f, do: Round.f()\nend\n");
        assert_eq!(order(&[round, back, shapes]), "shapes round back");
    }
}
