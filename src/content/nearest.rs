//! "Did you mean …?"

/// The candidate that was most likely meant: at most a third of its characters differ, and no more than three.
#[must_use]
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word = word.to_lowercase();
    candidates
        .into_iter()
        .map(|candidate| (strsim::damerau_levenshtein(&word, candidate), candidate))
        .filter(|(distance, candidate)| *distance <= (candidate.chars().count().div_ceil(3)).min(3))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// Help for a word that is not one of `known`: the nearest one, and all of them.
#[must_use]
pub(super) fn suggest<'a>(word: &str, known: impl IntoIterator<Item = &'a str> + Clone) -> String {
    let all = known.clone().into_iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    match nearest(word, known) {
        Some(name) => format!("did you mean `{name}`? Known are {all}"),
        None if all.is_empty() => String::new(),
        None => format!("known are {all}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_finger_is_understood_and_another_word_is_not() {
        let known = ["hidden", "prints", "name", "timeout", "points"];
        assert_eq!(nearest("hiden", known), Some("hidden"));
        assert_eq!(nearest("timeuot", known), Some("timeout"));
        assert_eq!(nearest("pionts", known), Some("points"));
        assert_eq!(nearest("colour", known), None);
    }
}
