//! Lessons: Markdown files become a course, rendered once and checked like a program.
//!
//! ```text
//! load ─→ files      which lessons there are, and their text (source)
//!      ─→ glossary   the words that are explained apart
//!      ─→ private    hidden tests from a tree of their own
//!      ─→ lesson     front_matter, then scan: text, blocks with a role, exercise comments, hints
//!      │    ├─→ exercise   opening, roles → doctest → cases (names, points)
//!      │    └─→ html       highlight, links, markup, sanitize
//!      ─→ course     what only the whole can tell: ids used twice, needs in a circle, dead links
//! ```
//!
//! Apart from that, `import` makes lessons of exercises from elsewhere, `mutants` changes references in small ways, for
//! `athanor check --mutate`, and `fixes` says what `athanor check --fix` may write.
//!
//! Nothing here fails: whatever is wrong is a [`Problem`] with its place and what to do, and [`render`] shows it as a
//! compiler would. The format is described in `docs/AUTHORING.md`; the classes of coloured code are [`CLASSES`].

mod attributes;
mod cases;
mod comments;
mod concepts;
mod course;
mod doctest;
mod edits;
mod elixir_map;
mod examples;
mod exercise;
mod export;
mod expressions;
mod fence;
mod files;
mod fixes;
mod front_matter;
mod glossary;
mod hexdocs;
mod highlight;
mod html;
pub mod import;
mod kept;
mod lesson;
mod links;
mod load;
mod markup;
mod mutants;
mod nearest;
mod opening;
mod pictures;
mod private;
mod problem;
mod raw_html;
mod roles;
mod sanitize;
mod scan;
mod session;
mod source;
mod suite_names;
mod syntax;
mod unwritable;
mod version;
mod written;
mod yaml;

pub use edits::{Edit, edited};
pub use export::{Exported, ExportedPicture, livebook};
pub use expressions::expressions;
pub use fixes::{canonical_values, code_blocks, missing_ids};
pub use glossary::FILE as GLOSSARY;
pub use highlight::{CLASSES, highlight};
pub use kept::{Kept, keep_last_good};
pub use load::{Loaded, glossary_of, load, problems_of, root_of};
pub use mutants::{Mutant, mutants};
pub use nearest::nearest;
pub use opening::kebab;
pub use pictures::beside as picture;
pub use problem::{Problem, Severity, render};
pub use source::Source;
pub use version::version_hash;

#[cfg(test)]
mod properties;
