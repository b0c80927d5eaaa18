//! The frame codec, on whatever bytes there may be.

use athanor::sandbox::protocol::{Decoder, FrameError, Incoming, frame_of};
use proptest::prelude::*;

/// All frames of `bytes`, fed in chunks of these sizes, round and round.
fn decode(bytes: &[u8], chunks: &[usize], decoder: &mut Decoder) -> Result<Vec<Vec<u8>>, FrameError> {
    let mut frames = Vec::new();
    let (mut rest, mut sizes) = (bytes, chunks.iter().cycle());
    while !rest.is_empty() {
        let size = sizes.next().copied().unwrap_or(1).clamp(1, rest.len());
        let (chunk, left) = rest.split_at(size);
        decoder.push(chunk)?;
        while let Some(frame) = decoder.next_frame()? {
            frames.push(frame.to_vec());
        }
        rest = left;
    }
    Ok(frames)
}

proptest! {
    #[test]
    fn any_chunking_gives_the_same_frames(
        frames in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..300), 0..12),
        chunks in prop::collection::vec(1usize..64, 1..8),
    ) {
        let bytes: Vec<u8> = frames.iter().flat_map(|frame| frame_of(frame)).collect();
        let mut decoder = Decoder::new(1024, 1 << 20);
        prop_assert_eq!(decode(&bytes, &chunks, &mut decoder), Ok(frames));
        prop_assert!(!decoder.has_rest());
    }

    #[test]
    fn garbage_is_bounded_and_never_panics(
        bytes in prop::collection::vec(any::<u8>(), 0..4096),
        chunks in prop::collection::vec(1usize..128, 1..8),
    ) {
        let mut decoder = Decoder::new(256, 2048);
        if let Ok(frames) = decode(&bytes, &chunks, &mut decoder) {
            prop_assert!(bytes.len() <= 2048);
            for frame in frames {
                prop_assert!(frame.len() <= 256);
                let _ = Incoming::parse(&frame);
            }
        }
    }

    #[test]
    fn a_frame_over_its_limit_is_refused_before_it_is_read(length in 257u32.., chunks in prop::collection::vec(1usize..8, 1..4)) {
        let refused = decode(&length.to_be_bytes(), &chunks, &mut Decoder::new(256, 1 << 20));
        prop_assert_eq!(refused, Err(FrameError::TooLarge { bytes: length as usize, limit: 256 }));
    }

    #[test]
    fn the_total_is_held_whatever_the_frames(size in 1usize..200, count in 1usize..60) {
        let bytes = frame_of(&vec![b' '; size]).repeat(count);
        let decoded = decode(&bytes, &[97], &mut Decoder::new(256, 4096));
        prop_assert_eq!(decoded.is_ok(), bytes.len() <= 4096);
    }

    #[test]
    fn text_of_the_wrong_shape_is_an_error_and_no_panic(text in "\\PC{0,200}", op in "ready|loaded|value|raised|timeout|too_large|bye") {
        let _ = Incoming::parse(text.as_bytes());
        let _ = Incoming::parse(format!(r#"{{"op":"{op}","case":{text:?},"n":0}}"#).as_bytes());
    }
}
