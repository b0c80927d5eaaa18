//! Texts from elsewhere: what was read from a track's checkout, or a notebook, becomes the text of lessons, and a list of what
//! happened.
//!
//! ```text
//! track      config.json: which exercises, in which order
//! files      one exercise's files, as far as they could be read
//! sources    which of them are starter, reference, support and tests
//! modules    which file defines what another one uses
//! markdown   instructions and introductions, so that they fit into a lesson: links, edits
//! hints      a list of hints by heading becomes folded hints
//! compose    all of it becomes lessons
//! notebook   a Livebook notebook becomes a lesson; cells says which of its cells stand alone
//! ```
//!
//! Nothing here reads or writes a file. `docs/AUTHORING.md` describes what becomes what.

mod cells;
mod compose;
mod files;
mod finding;
mod hints;
mod html_blocks;
mod links;
mod markdown;
mod modules;
mod notebook;
mod notes;
mod sources;
mod template;
mod track;

pub use compose::{Built, Given, Known, Lesson, build};
pub use files::{Entry, Files};
pub use finding::{Finding, Weight};
pub use links::Picture;
pub use notebook::{Notebook, notebook};
pub use track::{Kind, Listed, Track, read as read_track};
