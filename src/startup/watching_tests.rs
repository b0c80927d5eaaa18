use std::fs;
use std::os::unix::fs::symlink;

use super::*;

/// Long enough that only a hint which never comes reaches it.
const NEVER: Duration = Duration::from_secs(20);

struct Site {
    folder: tempfile::TempDir,
}

impl Site {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        fs::create_dir_all(folder.path().join("lessons/01-a")).expect("a chapter");
        fs::write(folder.path().join("lessons/01-a/01-x.md"), "one").expect("a lesson");
        Self { folder }
    }

    fn at(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    fn watch(&self, path: &str) -> Watching {
        Watching::new([self.at(path)], Pace::AUTHOR).expect("a watch")
    }
}

async fn hinted(watching: &mut Watching) {
    timeout(NEVER, watching.changed()).await.expect("a hint").expect("still watched");
}

#[tokio::test]
async fn a_file_that_is_written_is_seen() {
    let site = Site::new();
    let mut watching = site.watch("lessons");
    fs::write(site.at("lessons/01-a/01-x.md"), "two").unwrap();
    hinted(&mut watching).await;
}

#[tokio::test]
async fn an_editor_that_writes_by_renaming_is_seen_each_time() {
    let site = Site::new();
    let mut watching = site.watch("lessons/01-a/01-x.md");
    for text in ["two", "three"] {
        fs::write(site.at("lessons/01-a/.x.tmp"), text).unwrap();
        fs::rename(site.at("lessons/01-a/.x.tmp"), site.at("lessons/01-a/01-x.md")).unwrap();
        hinted(&mut watching).await;
    }
}

#[tokio::test]
async fn a_chapter_that_comes_later_is_watched_as_well() {
    let site = Site::new();
    let mut watching = site.watch("lessons");
    fs::create_dir(site.at("lessons/02-b")).unwrap();
    hinted(&mut watching).await;
    fs::write(site.at("lessons/02-b/01-y.md"), "new").unwrap();
    hinted(&mut watching).await;
}

#[tokio::test]
async fn a_folder_that_is_replaced_is_watched_in_its_new_shape() {
    let site = Site::new();
    let mut watching = site.watch("lessons");
    fs::create_dir_all(site.at("next/01-a")).unwrap();
    fs::rename(site.at("lessons"), site.at("before")).unwrap();
    hinted(&mut watching).await;
    fs::rename(site.at("next"), site.at("lessons")).unwrap();
    hinted(&mut watching).await;
    fs::write(site.at("lessons/01-a/01-x.md"), "in the new one").unwrap();
    hinted(&mut watching).await;
}

#[tokio::test]
async fn a_link_that_is_switched_in_the_middle_of_the_path_is_followed() {
    let site = Site::new();
    fs::create_dir_all(site.at("releases/2/lessons")).unwrap();
    fs::create_dir_all(site.at("releases/1/lessons")).unwrap();
    symlink("releases/1", site.at("current")).unwrap();
    let mut watching = site.watch("current/lessons");
    symlink("releases/2", site.at("next")).unwrap();
    fs::rename(site.at("next"), site.at("current")).unwrap();
    hinted(&mut watching).await;
    fs::write(site.at("releases/2/lessons/01-x.md"), "second").unwrap();
    hinted(&mut watching).await;
}

#[tokio::test]
async fn a_folder_that_is_not_there_yet_is_waited_for() {
    let site = Site::new();
    let mut watching = site.watch("later/lessons");
    fs::create_dir_all(site.at("later/lessons")).unwrap();
    hinted(&mut watching).await;
    fs::write(site.at("later/lessons/01-x.md"), "here").unwrap();
    hinted(&mut watching).await;
}

#[test]
fn reading_and_what_git_does_for_itself_are_no_changes() {
    let site = Site::new();
    let scope = Scope::of(&[site.at("lessons")]);
    let event = |kind: EventKind, path: &str| Event::new(kind).add_path(site.at(path));
    let written = EventKind::Modify(notify::event::ModifyKind::Any);
    let read = EventKind::Access(notify::event::AccessKind::Read);
    assert!(scope.concerns(&event(written, "lessons/01-a/01-x.md")));
    assert!(!scope.concerns(&event(read, "lessons/01-a/01-x.md")));
    assert!(!scope.concerns(&event(written, "lessons/.git/index")));
    assert!(!scope.concerns(&event(written, "beside")));
    assert!(scope.concerns(&event(written, "lessons")));
}

#[test]
fn links_in_a_circle_end() {
    let site = Site::new();
    symlink("round", site.at("round")).unwrap();
    assert_eq!(Scope::of(&[site.at("round/lessons")]).roots, []);
}
