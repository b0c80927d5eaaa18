//! The frame decoder: the same frames wherever the chunks begin and end, never one that is too large, never too many bytes.
#![no_main]

use athanor_fuzz::sandbox::protocol::{Decoder, FrameError, Incoming, frame_of};
use libfuzzer_sys::fuzz_target;

const FRAME: usize = 1024;
const TOTAL: usize = 16 * 1024;

/// All frames of these chunks, and what ended them.
fn decode<'a>(chunks: impl Iterator<Item = &'a [u8]>) -> (Vec<Vec<u8>>, Option<FrameError>) {
    let mut decoder = Decoder::new(FRAME, TOTAL);
    let mut frames = Vec::new();
    for chunk in chunks {
        if let Err(error) = decoder.push(chunk) {
            return (frames, Some(error));
        }
        loop {
            match decoder.next_frame() {
                Ok(Some(content)) => frames.push(content.to_vec()),
                Ok(None) => break,
                Err(error) => return (frames, Some(error)),
            }
        }
    }
    (frames, None)
}

fuzz_target!(|data: &[u8]| {
    let Some((size, bytes)) = data.split_first() else { return };
    let (whole, ended) = decode(std::iter::once(bytes));
    let (parts, ended_in_parts) = decode(bytes.chunks(usize::from(*size).max(1)));
    if bytes.len() <= TOTAL {
        assert_eq!((&whole, &ended), (&parts, &ended_in_parts), "chunks make no difference");
    }
    let written: Vec<u8> = parts.iter().flat_map(|content| frame_of(content)).collect();
    assert!(bytes.starts_with(&written), "nothing is made up");
    for content in &parts {
        assert!(content.len() <= FRAME);
        let _ = Incoming::parse(content);
    }
});
