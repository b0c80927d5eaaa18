//! Where to go after signing in: never to another site.

/// The path if it leads to a page of ours, else the course.
#[must_use]
pub fn or_home(path: &str) -> &str {
    // Browsers read a backslash as a slash and skip tabs and line ends, so `/\evil` and `/\t/evil` lead away.
    let local = path.starts_with('/')
        && !path.starts_with("//")
        && path.len() <= 512
        && path.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    if local { path } else { "/" }
}

#[cfg(test)]
mod tests {
    use super::or_home;

    #[test]
    fn only_our_own_pages_are_returned_to() {
        for good in ["/", "/lessons/pattern-matching?attempt=1#swap", "/a//b"] {
            assert_eq!(or_home(good), good);
        }
        for bad in
            ["", "//evil.org", "/\\evil.org", "/\t/evil.org", "https://evil.org", "evil", "/\u{e4}", "javascript:x"]
        {
            assert_eq!(or_home(bad), "/", "{bad}");
        }
    }
}
