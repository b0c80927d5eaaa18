//! A container engine of a test's own, which it may break. It never touches the machine's.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use athanor::sandbox::containers::ContainerSettings;
use rustix::process::{Pid, Signal, kill_process};

use super::app::PATIENCE;
use super::breakable::{Breakable, Disk, MoodyRuntime};

/// A `dockerd` in a folder of its own, with the image of Elixir exercises and a runtime called `moody`, which is runc
/// unless it was told something else.
pub struct Engine {
    folder: tempfile::TempDir,
    runtime: MoodyRuntime,
    daemon: Child,
    disk: Option<Disk>,
}

impl Engine {
    pub fn start() -> Self {
        Self::on(None)
    }

    /// With its data on a disk of so many bytes.
    pub fn with_disk(bytes: u64) -> Self {
        Self::on(Some(bytes))
    }

    fn on(disk: Option<u64>) -> Self {
        let folder = tempfile::Builder::new().prefix("athanor-engine-").tempdir().expect("a folder");
        let data = folder.path().join("data");
        std::fs::create_dir(&data).expect("a folder");
        let disk = disk.map(|bytes| Disk::mount(&data, bytes));
        let runtime = MoodyRuntime::new(folder.path());
        // Not the machine's settings.
        std::fs::write(folder.path().join("settings.json"), "{}").expect("a file");
        let daemon = launch(folder.path());
        let mut engine = Self { folder, runtime, daemon, disk };
        engine.wait();
        engine.bring_image_back();
        engine
    }

    /// `DOCKER_HOST` for whoever shall use it.
    pub fn host(&self) -> String {
        host(self.folder.path())
    }

    /// Its `docker`.
    pub fn docker(&self) -> Command {
        let mut docker = Command::new("docker");
        docker.env("DOCKER_HOST", self.host());
        docker
    }

    /// As an administrator stops it (TERM), or as the kernel does that is out of memory (KILL).
    pub fn end(&mut self, signal: Signal) {
        kill_process(Pid::from_child(&self.daemon), signal).expect("a signal");
        self.daemon.wait().expect("gone");
        self.end_what_it_left();
    }

    /// A killed engine leaves its containerd, which is on its way out but would be taken for a living one by the next, and
    /// the processes that look after its containers.
    fn end_what_it_left(&self) {
        let own = self.folder.path().to_string_lossy().into_owned();
        let name = self.folder.path().file_name().expect("a name").to_string_lossy().into_owned();
        let processes = std::fs::read_dir("/proc").expect("/proc").flatten();
        for pid in processes.filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok()) {
            let line = std::fs::read_to_string(format!("/proc/{pid}/cmdline")).unwrap_or_default();
            let program = line.split('\0').next().unwrap_or_default();
            if program.contains("containerd") && (line.contains(&own) || line.contains(&name)) {
                let _ = kill_process(Pid::from_raw(pid).expect("a process"), Signal::KILL);
                let began = Instant::now();
                // Of one that has ended, and that nobody has collected, only the name is left.
                while std::fs::read(format!("/proc/{pid}/cmdline")).is_ok_and(|line| !line.is_empty()) {
                    assert!(began.elapsed() < PATIENCE, "{program} does not end");
                    std::thread::sleep(Duration::from_millis(20));
                }
            }
        }
        let _ = std::fs::remove_file(self.folder.path().join("exec/containerd/containerd.pid"));
    }

    pub fn start_again(&mut self) {
        // A killed one leaves its pid file, which may name another program by now.
        let _ = std::fs::remove_file(self.folder.path().join("docker.pid"));
        self.daemon = launch(self.folder.path());
        self.wait();
    }

    fn wait(&mut self) {
        let began = Instant::now();
        while !self.docker().arg("version").output().is_ok_and(|answer| answer.status.success()) {
            let log = || std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default();
            let ended = self.daemon.try_wait().expect("a child");
            assert!(ended.is_none() && began.elapsed() < PATIENCE, "the engine does not answer: {}", log());
            std::thread::sleep(Duration::from_millis(100));
        }
    }
}

impl Breakable for Engine {
    fn settings(&self) -> Vec<(&'static str, String)> {
        vec![("DOCKER_HOST", self.host()), ("ATHANOR_RUNTIME", "moody".to_owned())]
    }

    fn containers(&self) -> Vec<String> {
        let listed = self.docker().args(["ps", "--all", "--quiet"]).output().expect("docker");
        assert!(listed.status.success(), "{}", String::from_utf8_lossy(&listed.stderr));
        String::from_utf8_lossy(&listed.stdout).lines().map(str::to_owned).collect()
    }

    fn remove_image(&self) {
        let image = ContainerSettings::detect().image;
        let inspected =
            self.docker().args(["image", "inspect", "--format", "{{.Id}}", &image]).output().expect("docker");
        let id = String::from_utf8(inspected.stdout).expect("an id").trim().to_owned();
        // A request that was under way may yet make a container, and an image in use only loses its name.
        while self.docker().args(["image", "inspect", &id]).output().expect("docker").status.success() {
            for container in self.containers() {
                succeed(self.docker().args(["rm", "--force", &container]));
            }
            let _ = self.docker().args(["rmi", "--force", &id]).output().expect("docker");
        }
    }

    /// From the machine's engine.
    fn bring_image_back(&self) {
        let image = ContainerSettings::detect().image;
        let mut save = Command::new("docker").args(["save", &image]).stdout(Stdio::piped()).spawn().expect("docker");
        let saved = save.stdout.take().expect("its output");
        succeed(self.docker().arg("load").stdin(saved));
        assert!(save.wait().expect("docker").success());
    }

    fn refuse(&self, refuses: bool) {
        self.runtime.refuse(refuses);
    }

    fn fill_disk(&self, full: bool) {
        // Each time anew: a container that is removed leaves room for the next.
        self.disk.as_ref().expect("a disk of its own").fill(full);
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        let _ = kill_process(Pid::from_child(&self.daemon), Signal::TERM);
        let _ = self.daemon.wait();
        self.end_what_it_left();
        let mounts = std::fs::read_to_string("/proc/self/mounts").unwrap_or_default();
        let below = self.folder.path().to_string_lossy().into_owned();
        for mount in
            mounts.lines().rev().filter_map(|line| line.split(' ').nth(1)).filter(|path| path.starts_with(&below))
        {
            let _ = Command::new("umount").args(["--lazy", mount]).status();
        }
    }
}

fn host(folder: &Path) -> String {
    format!("unix://{}/docker.sock", folder.display())
}

fn launch(folder: &Path) -> Child {
    let log = std::fs::OpenOptions::new().create(true).append(true).open(folder.join("log")).expect("a log");
    let path = |name: &str| folder.join(name).display().to_string();
    let name = folder.file_name().expect("a name").to_string_lossy().into_owned();
    // It ends with this test, however that ends.
    Command::new("setpriv")
        .args([
            "--pdeathsig",
            "TERM",
            "dockerd",
            "--log-level",
            "warn",
            "--host",
            &host(folder),
            "--data-root",
            &path("data"),
        ])
        .args(["--exec-root", &path("exec"), "--pidfile", &path("docker.pid")])
        .args(["--config-file", &path("settings.json"), "--iptables=false", "--bridge=none"])
        .args(["--containerd-namespace", &name, "--containerd-plugins-namespace", &format!("{name}-plugins")])
        .args(["--add-runtime", &format!("moody={}", path("moody"))])
        .stdin(Stdio::null())
        .stdout(log.try_clone().expect("a log"))
        .stderr(log)
        .spawn()
        .expect("dockerd: the tests that break an engine start one of their own, as root")
}

fn succeed(command: &mut Command) {
    let output = command.stdout(Stdio::null()).output().expect("a program");
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
}
