//! The `athanor` program.
fn main() {}
