//! The lesson parser: no text makes it panic, and everything that is wrong has its place inside the file.
#![no_main]

use athanor_fuzz::content;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    athanor_fuzz::read(text);
    let _ = content::highlight("elixir", text);
});
