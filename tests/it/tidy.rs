//! Rules of the house, read off the source: they hold as long as these tests pass.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: impl AsRef<Path>) -> String {
    let path = root().join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Every Rust file below a folder, relative to the repository.
fn rust_files(folder: &str) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                files.push(path.strip_prefix(root()).expect("below the repository").to_owned());
            }
        }
    }
    files.sort();
    files
}

/// The first folder or file below `src/` that a file belongs to.
fn module(file: &Path) -> String {
    let name = file.components().nth(1).expect("below src").as_os_str().to_string_lossy().into_owned();
    name.trim_end_matches(".rs").to_owned()
}

/// The import table of the crate's first page.
fn table() -> BTreeMap<String, Option<BTreeSet<String>>> {
    let names = |cell: &str| cell.split('`').skip(1).step_by(2).map(str::to_owned).collect::<BTreeSet<_>>();
    read("src/lib.rs")
        .lines()
        .filter_map(|line| line.strip_prefix("//! | `"))
        .map(|line| {
            let (name, allowed) = line.split_once("` | ").expect("two columns");
            let allowed = if allowed.starts_with("everything") { None } else { Some(names(allowed)) };
            (name.to_owned(), allowed)
        })
        .collect()
}

#[test]
fn modules_import_only_what_the_table_allows() {
    let table = table();
    let mut broken = Vec::new();
    for file in rust_files("src") {
        let own = module(&file);
        if own == "lib" || own == "main" {
            continue;
        }
        let Some(allowed) = table.get(&own).unwrap_or_else(|| panic!("{own} is not in the table of src/lib.rs")) else {
            continue;
        };
        for (number, line) in read(&file).lines().enumerate() {
            if line.trim_start().starts_with("//") {
                continue;
            }
            for part in line.split("crate::").skip(1) {
                let used: String = part.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
                if table.contains_key(&used) && used != own && !allowed.contains(&used) {
                    broken.push(format!("{}:{}: `{own}` may not import `{used}`", file.display(), number + 1));
                }
            }
        }
    }
    assert!(broken.is_empty(), "see the table in src/lib.rs\n{}", broken.join("\n"));
}

#[test]
fn every_module_is_on_the_map_and_in_the_table() {
    let first_page = read("src/lib.rs");
    let table = table();
    for line in first_page.lines().filter_map(|line| line.strip_prefix("pub mod ")) {
        let name = line.trim_end_matches(';');
        assert!(table.contains_key(name), "{name} is not in the import table");
        assert!(
            first_page.contains(&format!("//! {name}/")) || first_page.contains(&format!("//! {name}.rs")),
            "{name} is not on the map"
        );
    }
}

#[test]
fn sql_is_spoken_in_db_only() {
    for file in rust_files("src") {
        if module(&file) == "db" {
            continue;
        }
        let text = read(&file);
        for word in ["sqlx::query", "query!(", "QueryBuilder", "raw_sql"] {
            assert!(!text.contains(word), "{} holds {word}: SQL belongs in src/db", file.display());
        }
    }
}

#[test]
fn transactions_begin_where_nobody_can_walk_away() {
    // `db::begin` says why.
    for file in rust_files("src") {
        let text = read(&file);
        let begun = text.lines().filter(|line| line.contains(".begin()")).count();
        let allowed = usize::from(file == Path::new("src/db/mod.rs"));
        assert_eq!(begun, allowed, "{}: a transaction is begun by `db::begin`", file.display());
    }
}

#[test]
fn the_domain_reaches_nothing_outside() {
    for file in rust_files("src/domain") {
        let text = read(&file);
        for word in ["tokio", "sqlx", "std::fs", "std::net", "std::env", "SystemTime", "Instant::now", "Timestamp::now"]
        {
            assert!(!text.contains(word), "{} holds {word}: the domain is pure", file.display());
        }
    }
}

#[test]
fn every_setting_is_documented() {
    let page = read("docs/OPERATIONS.md");
    for name in athanor::config::SETTINGS.iter().chain(&["DATABASE_URL"]) {
        assert!(page.contains(&format!("`{name}`")), "{name} is not in docs/OPERATIONS.md");
    }
}

#[test]
fn files_stay_small_enough_to_hold_one_idea() {
    // About 300 lines is where to look for the second idea; past 420 it is there.
    let long: Vec<String> = rust_files("src")
        .into_iter()
        .map(|file| (read(&file).lines().count(), file))
        .filter(|(lines, _)| *lines > 420)
        .map(|(lines, file)| format!("{} has {lines} lines", file.display()))
        .collect();
    assert!(long.is_empty(), "{}", long.join("\n"));
}

#[test]
fn no_file_is_called_after_nothing() {
    for file in rust_files("src") {
        for part in &file {
            let name = part.to_string_lossy();
            let name = name.trim_end_matches(".rs");
            assert!(
                !["utils", "util", "helpers", "helper", "common", "manager", "misc"].contains(&name),
                "{}",
                file.display()
            );
        }
    }
}

#[test]
fn nothing_admits_to_being_unfinished() {
    // Put together here, so that this file does not find itself.
    let words =
        [["TO", "DO"].concat(), ["FIX", "ME"].concat(), ["unimplemented", "!"].concat(), ["todo", "!("].concat()];
    for file in rust_files("src").into_iter().chain(rust_files("tests")) {
        let text = read(&file);
        for word in &words {
            assert!(!text.contains(word.as_str()), "{} holds {word}", file.display());
        }
    }
}
