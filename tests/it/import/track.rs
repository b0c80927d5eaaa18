//! Tracks of our own making, as large and as odd as a test wants them.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

/// A checkout that is being made.
pub struct Track {
    folder: tempfile::TempDir,
    lists: [Vec<Value>; 2],
}

/// Names of the two lists.
const KINDS: [&str; 2] = ["concept", "practice"];

impl Track {
    pub fn new() -> Self {
        Self { folder: tempfile::tempdir().expect("a folder"), lists: [Vec::new(), Vec::new()] }
    }

    /// Where the checkout is.
    pub fn source(&self) -> PathBuf {
        self.folder.path().join("track")
    }

    /// Where a course may go.
    pub fn dest(&self) -> PathBuf {
        self.folder.path().join("course")
    }

    /// Writes a file of the checkout.
    pub fn file(&self, path: &str, text: impl AsRef<[u8]>) -> PathBuf {
        let file = self.source().join(path);
        std::fs::create_dir_all(file.parent().expect("a folder")).expect("a folder");
        std::fs::write(&file, text).expect("a file");
        file
    }

    /// Lists an exercise.
    pub fn list(&mut self, kind: &str, entry: Value) {
        let index = usize::from(kind == KINDS[1]);
        self.lists[index].push(entry);
        let lists = json!({"exercises": {"concept": self.lists[0], "practice": self.lists[1]}});
        self.file("config.json", format!("{lists:#}"));
    }

    /// Lists an exercise in which a number has to be doubled, and writes its files.
    pub fn doubling(&mut self, slug: &str, starter: &str) {
        let module: String =
            slug.split('-').map(|word| format!("{}{}", word[..1].to_uppercase(), &word[1..])).collect();
        let file = slug.replace('-', "_");
        self.list("practice", json!({"slug": slug, "name": slug}));
        let below = |path: &str| format!("exercises/practice/{slug}/{path}");
        let config = json!({
            "blurb": "Double a number.",
            "files": {
                "solution": [format!("lib/{file}.ex")],
                "test": [format!("test/{file}_test.exs")],
                "example": [".meta/example.ex"],
            },
        });
        let code = |body: &str| format!("defmodule {module} do\n  def of(n), do: {body}\nend\n");
        self.file(&below(".meta/config.json"), config.to_string());
        self.file(
            &below(".docs/instructions.md"),
            "# Instructions\n\nDouble a number.\n\n## Mind\n\nIt may be negative.\n",
        );
        self.file(&below(".docs/hints.md"), "# Hints\n\n## General\n\n- See [here][h].\n\n[h]: https://example.org/\n");
        self.file(&below(&format!("lib/{file}.ex")), code(starter));
        self.file(&below(".meta/example.ex"), code("n * 2"));
        self.file(&below("mix.exs"), "defmodule X.MixProject do\nend\n");
        self.file(&below("test/test_helper.exs"), "ExUnit.start()\nExUnit.configure(exclude: :pending, trace: true)\n");
        let tests = format!(
            "defmodule {module}Test do\n  use ExUnit.Case\n\n  test \"doubles\" do\n    assert {module}.of(2) == 4\n  end\n\n  \
             @tag :pending\n  test \"keeps the sign\" do\n    assert {module}.of(-1) == -2\n  end\nend\n"
        );
        self.file(&below(&format!("test/{file}_test.exs")), tests);
    }
}

/// Every file below a folder, by its path from there.
pub fn files(folder: &Path) -> Vec<String> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(next).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else {
                files.push(path.strip_prefix(folder).expect("below").display().to_string());
            }
        }
    }
    files.sort();
    files
}
