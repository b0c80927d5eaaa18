//! The inside of a `test` block, in a lesson that is otherwise right.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Some((kind, rest)) = data.split_first() else { return };
    let Ok(block) = std::str::from_utf8(rest) else { return };
    let attributes = ["", " prints", " hidden name=\"n\"", " timeout=100 points=2"][usize::from(kind % 4)];
    athanor_fuzz::read(&format!(
        "---\ntitle: T\nsummary: S\n---\n\n<!-- exercise: one -->\n\n```elixir starter\nx\n```\n\n\
         ```elixir test{attributes}\n{block}\n```\n\n```elixir solution\ny\n```\n\n<!-- /exercise -->\n"
    ));
});
