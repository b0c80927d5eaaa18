//! What a learner is told about code that does not compile, warns or raises: asked of the real compiler, kind by kind.

mod compiling;
mod raising;
