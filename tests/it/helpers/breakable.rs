//! What a test breaks under a worker: whatever makes its containers.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Makes containers for a worker, and can be broken.
pub trait Breakable {
    /// The settings with which a worker uses it.
    fn settings(&self) -> Vec<(&'static str, String)>;

    /// All containers that it has.
    fn containers(&self) -> Vec<String>;

    /// Takes the image away, whoever wants it.
    fn remove_image(&self);

    /// Brings it back.
    fn bring_image_back(&self);

    /// Makes its runtime refuse to start anything, or not any more.
    fn refuse(&self, refuses: bool);

    /// Fills its disk to the last byte, or gives that back.
    fn fill_disk(&self, full: bool);
}

/// A runtime that is runc unless it was told something else.
pub struct MoodyRuntime(PathBuf);

impl MoodyRuntime {
    /// In this folder.
    pub fn new(folder: &Path) -> Self {
        let (path, folder) = (folder.join("moody"), folder.display());
        let script = format!(
            "#!/bin/sh\n[ ! -e {folder}/refused ] || exit 1\n[ ! -e {folder}/stuck ] || exec sleep 4242\nexec runc \"$@\"\n"
        );
        std::fs::write(&path, script).expect("a script");
        assert!(Command::new("chmod").arg("755").arg(&path).status().expect("chmod").success());
        Self(path)
    }

    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Whether it refuses everything from now on.
    pub fn refuse(&self, refuses: bool) {
        self.mark("refused", refuses);
    }

    /// Whether it hangs from now on.
    pub fn hang(&self, hangs: bool) {
        self.mark("stuck", hangs);
    }

    fn mark(&self, name: &str, set: bool) {
        let file = self.0.with_file_name(name);
        if set { std::fs::write(file, "") } else { std::fs::remove_file(file) }.expect("a mark");
    }
}

/// What fills a disk.
const BALLAST: &str = "ballast";

/// A small disk, which is gone with this.
pub struct Disk(PathBuf);

impl Disk {
    /// Of so many bytes, in this folder.
    pub fn mount(folder: &Path, bytes: u64) -> Self {
        let size = format!("size={bytes}");
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", &size, "tmpfs"]).arg(folder).status();
        assert!(mounted.expect("mount").success());
        Self(folder.to_owned())
    }

    /// Fills it to the last byte, also when it was filled before and something was removed, or gives it back.
    pub fn fill(&self, full: bool) {
        let ballast = self.0.join(BALLAST);
        if full {
            let of = format!("of={}", ballast.display());
            let _ = Command::new("dd")
                .args(["if=/dev/zero", "bs=4k", "oflag=append", "conv=notrunc", &of])
                .stderr(Stdio::null())
                .status();
        } else {
            std::fs::remove_file(ballast).expect("the file");
        }
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("--lazy").arg(&self.0).stderr(Stdio::null()).status();
    }
}
