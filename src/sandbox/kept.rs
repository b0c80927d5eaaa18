//! What is kept of a program's output, and told as it comes.

/// Keeps the head and the tail of a stream, and cuts its bytes into text wherever its chunks begin and end.
#[derive(Debug)]
pub struct Kept {
    head: Vec<u8>,
    tail: Vec<u8>,
    bytes: u64,
    limit: usize,
    /// The beginning of a character whose end has not come yet.
    unfinished: Vec<u8>,
    /// Bytes that may still be told.
    untold: usize,
}

impl Kept {
    /// Keeps at most `limit` bytes, half from the head and half from the tail, and tells as many.
    #[must_use]
    pub const fn new(limit: usize) -> Self {
        Self { head: Vec::new(), tail: Vec::new(), bytes: 0, limit, unfinished: Vec::new(), untold: limit }
    }

    /// Takes bytes, and answers the text that can be told of them.
    pub fn keep(&mut self, bytes: &[u8]) -> Option<String> {
        self.bytes += bytes.len() as u64;
        let half = self.limit / 2;
        let room = half.saturating_sub(self.head.len()).min(bytes.len());
        self.head.extend_from_slice(&bytes[..room]);
        self.tail.extend_from_slice(&bytes[room..]);
        let surplus = self.tail.len().saturating_sub(self.limit - half);
        self.tail.drain(..surplus);
        self.tell(bytes)
    }

    fn tell(&mut self, bytes: &[u8]) -> Option<String> {
        let bytes = &bytes[..bytes.len().min(self.untold)];
        self.untold -= bytes.len();
        self.unfinished.extend_from_slice(bytes);
        let whole = self.unfinished.len() - unfinished_bytes(&self.unfinished);
        let text: Vec<u8> = self.unfinished.drain(..whole).collect();
        (!text.is_empty()).then(|| String::from_utf8_lossy(&text).into_owned())
    }

    /// How many bytes came.
    #[must_use]
    pub const fn bytes(&self) -> u64 {
        self.bytes
    }

    /// What was kept, and whether anything is missing. Where it is, a line says so.
    #[must_use]
    pub fn into_text(self) -> (String, bool) {
        let cut = self.bytes - (self.head.len() + self.tail.len()) as u64;
        if cut == 0 {
            return (String::from_utf8_lossy(&[self.head, self.tail].concat()).into_owned(), false);
        }
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (format!("{}\n… {cut} bytes are left out here …\n{}", text(&self.head), text(&self.tail)), true)
    }
}

/// How many bytes at the end begin a character and do not end it. Bytes that can begin none are finished: they are
/// shown as what they are.
fn unfinished_bytes(bytes: &[u8]) -> usize {
    let last = bytes.len().saturating_sub(3);
    for (at, byte) in bytes.iter().enumerate().skip(last).rev() {
        let wanted = match byte {
            0xc2..=0xdf => 2,
            0xe0..=0xef => 3,
            0xf0..=0xf4 => 4,
            0x80..=0xbf => continue,
            _ => return 0,
        };
        let there = bytes.len() - at;
        return if there < wanted { there } else { 0 };
    }
    0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_character_that_comes_in_two_chunks_is_told_once_it_is_whole() {
        let mut kept = Kept::new(100);
        let mut told = String::new();
        for byte in "aé€😀z".bytes() {
            told.extend(kept.keep(&[byte]));
        }
        assert_eq!(told, "aé€😀z");
        assert_eq!(kept.into_text(), ("aé€😀z".to_owned(), false));
    }

    #[test]
    fn bytes_that_are_no_text_hold_nothing_up() {
        let mut kept = Kept::new(100);
        assert_eq!(kept.keep(b"\xff\xfea\x80").as_deref(), Some("\u{fffd}\u{fffd}a\u{fffd}"));
        assert_eq!(kept.keep(b"\0b").as_deref(), Some("\0b"));
        assert_eq!(kept.into_text().0, "\u{fffd}\u{fffd}a\u{fffd}\0b");
    }

    #[test]
    fn of_too_much_the_head_and_the_tail_are_kept_and_the_head_is_told() {
        let mut kept = Kept::new(10);
        let told: String = (b'a'..=b'z').filter_map(|byte| kept.keep(&[byte])).collect();
        assert_eq!(told, "abcdefghij");
        assert_eq!(kept.bytes(), 26);
        assert_eq!(kept.into_text(), ("abcde\n… 16 bytes are left out here …\nvwxyz".to_owned(), true));
    }
}
