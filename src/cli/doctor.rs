//! `athanor doctor`: what is well on this machine and what is not, each with a way out.

use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use bollard::Docker;
use bollard::models::SystemInfo;
use serde::Serialize;

use super::{DoctorArgs, Format};
use crate::config::{Config, EngineKind};
use crate::content;
use crate::domain::program::Installed;
use crate::sandbox::oci;
use crate::startup::postgres::ServerBinaries;
use crate::startup::{self, data_folder};

/// How well something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Health {
    Ok,
    Warning,
    Failure,
}

/// One thing that was looked at.
#[derive(Debug, Serialize)]
struct Finding {
    what: &'static str,
    health: Health,
    saw: String,
    way_out: Option<String>,
}

impl Finding {
    fn ok(what: &'static str, saw: impl Into<String>) -> Self {
        Self { what, health: Health::Ok, saw: saw.into(), way_out: None }
    }

    fn warning(what: &'static str, saw: impl Into<String>, way_out: impl Into<String>) -> Self {
        Self { what, health: Health::Warning, saw: saw.into(), way_out: Some(way_out.into()) }
    }

    fn failure(what: &'static str, saw: impl Into<String>, way_out: impl Into<String>) -> Self {
        Self { what, health: Health::Failure, saw: saw.into(), way_out: Some(way_out.into()) }
    }
}

/// Least free disk that is not worth a remark, in bytes.
const FREE_DISK: u64 = 2 * 1024 * 1024 * 1024;
/// Least memory that is not worth a remark, in bytes.
const MEMORY: u64 = 2 * 1024 * 1024 * 1024;
/// Least number of open files that is not worth a remark: each container and reader takes a few.
const OPEN_FILES: u64 = 4096;
/// Longest wait for the engine.
const ENGINE: Duration = Duration::from_secs(10);

/// Runs the command. Exit status 1 when something has to be mended first.
pub(super) async fn run(args: &DoctorArgs, config: Config) -> ExitCode {
    let mut findings = match config.sandbox.engine {
        EngineKind::Docker => docker(&config).await,
        EngineKind::Oci => vec![without_a_daemon(&config).await],
    };
    let containers = containers(&config, &findings).await;
    findings.extend(containers);
    findings.push(postgres(&config).await);
    findings.push(disk(&data_folder(&config)));
    findings.extend(limits());
    findings.push(lessons(&config));
    match args.format {
        Format::Json => println!("{}", serde_json::json!({ "findings": findings })),
        Format::Human => findings.iter().for_each(print),
    }
    if findings.iter().any(|finding| finding.health == Health::Failure) { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

fn print(finding: &Finding) {
    let mark = match finding.health {
        Health::Ok => "✓",
        Health::Warning => "!",
        Health::Failure => "✗",
    };
    println!("{mark} {:<18} {}", finding.what, finding.saw);
    if let Some(way_out) = &finding.way_out {
        println!("{:>20} → {way_out}", "");
    }
}

async fn without_a_daemon(config: &Config) -> Finding {
    const WHAT: &str = "containers";
    match oci::describe(&startup::oci_settings(config), config.runtime.as_deref()).await {
        Ok(saw) => Finding::ok(WHAT, saw),
        Err(fault) => Finding::failure(WHAT, fault.to_string(), "docs/OPERATIONS.md says what `oci` needs"),
    }
}

async fn docker(config: &Config) -> Vec<Finding> {
    const START: &str = "`bin/setup` installs and starts Docker; as a service: `systemctl start docker`";
    let info = async { Docker::connect_with_defaults()?.info().await };
    let info = match tokio::time::timeout(ENGINE, info).await {
        Ok(Ok(info)) => info,
        Ok(Err(error)) => return vec![Finding::failure("Docker", error.to_string(), START)],
        Err(_) => return vec![Finding::failure("Docker", "it does not answer", START)],
    };
    let mut findings = vec![Finding::ok(
        "Docker",
        format!("engine {}", info.server_version.clone().unwrap_or_else(|| "of unknown version".to_owned())),
    )];
    findings.push(runtime(config, &info));
    findings.extend(isolation(&info));
    findings
}

fn runtime(config: &Config, info: &SystemInfo) -> Finding {
    const WHAT: &str = "runtime";
    let runtimes = info.runtimes.clone().unwrap_or_default();
    let wanted = config.runtime.clone().or(info.default_runtime.clone()).unwrap_or_else(|| "runc".to_owned());
    let Some(found) = runtimes.get(&wanted) else {
        let mut names: Vec<String> = runtimes.into_keys().collect();
        names.sort();
        return Finding::failure(
            WHAT,
            format!("no '{wanted}'; the engine has {}", names.join(", ")),
            "install it and name it in /etc/docker/daemon.json, or set ATHANOR_RUNTIME to one that is there",
        );
    };
    let arguments = found.runtime_args.clone().unwrap_or_default();
    if wanted.starts_with("runsc") && !arguments.iter().any(|argument| argument.starts_with("--oci-seccomp")) {
        return Finding::warning(
            WHAT,
            format!("{wanted}, a kernel of its own, without our filter of system calls inside"),
            "add --oci-seccomp to its runtimeArgs in /etc/docker/daemon.json (docs/SECURITY.md)",
        );
    }
    let own_kernel = if wanted.starts_with("runsc") || wanted.contains("kata") { ", a kernel of its own" } else { "" };
    Finding::ok(WHAT, format!("{wanted}{own_kernel}"))
}

/// What keeps containers from the host and from each other, besides the runtime.
fn isolation(info: &SystemInfo) -> [Finding; 3] {
    let options = info.security_options.clone().unwrap_or_default();
    let has = |name: &str| options.iter().any(|option| option.contains(name));
    let seccomp = if has("seccomp") {
        Finding::ok("seccomp", "the engine filters system calls")
    } else {
        Finding::failure("seccomp", "the engine cannot filter system calls", "use a kernel with CONFIG_SECCOMP_FILTER")
    };
    let users = if has("rootless") {
        Finding::ok("user namespace", "rootless: the engine itself is nobody")
    } else if has("userns") {
        Finding::ok("user namespace", "userns-remap: root in a container is nobody outside")
    } else {
        Finding::warning(
            "user namespace",
            "off: containers share the host's user ids",
            "\"userns-remap\": \"default\" in /etc/docker/daemon.json adds a layer (docs/OPERATIONS.md)",
        )
    };
    let version = info.cgroup_version.map_or_else(|| "of unknown version".to_owned(), |it| format!("version {it}"));
    // An engine that cannot hold a limit ignores it without an error.
    let held = [
        ("memory", info.memory_limit),
        ("swap", info.swap_limit),
        ("processes", info.pids_limit),
        ("CPU", info.cpu_cfs_quota),
    ];
    let not_held: Vec<&str> = held.iter().filter(|(_, held)| *held != Some(true)).map(|(what, _)| *what).collect();
    let cgroups = if not_held.is_empty() {
        Finding::ok("control groups", format!("{version}; memory, swap, processes and CPU can be limited"))
    } else {
        Finding::failure(
            "control groups",
            format!("{version}; the engine cannot limit {}", not_held.join(", ")),
            "enable these controllers in the kernel, and delegate them where Docker is rootless",
        )
    };
    [seccomp, users, cgroups]
}

async fn containers(config: &Config, before: &[Finding]) -> Vec<Finding> {
    const WHAT: &str = "image";
    if before.iter().any(|finding| finding.health == Health::Failure) {
        return vec![Finding::warning(WHAT, "not looked at", "mend what is above first")];
    }
    let started = std::time::Instant::now();
    match startup::worker_sandbox(config, Some(1), None).await {
        Err(fault) => vec![Finding::failure(WHAT, fault.to_string(), "`bin/image` builds it")],
        Ok(sandbox) => {
            while sandbox.status().idle == 0 && started.elapsed() < ENGINE {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            let ready = sandbox.status().idle > 0;
            let finding = if ready {
                let digest: String = sandbox.image_digest().chars().take(19).collect();
                Finding::ok(
                    WHAT,
                    format!(
                        "{} ({digest}…), a container ready after {:.1} s",
                        config.image,
                        started.elapsed().as_secs_f64()
                    ),
                )
            } else {
                Finding::failure(WHAT, "no container became ready", "ATHANOR_LOG=debug athanor serve says why")
            };
            let languages = languages(sandbox.programs().map(|programs| programs.languages()));
            sandbox.shutdown().await;
            vec![finding, languages]
        }
    }
}

/// The languages of program runs; `None` when these are off.
fn languages(installed: Option<Vec<Installed>>) -> Finding {
    const WHAT: &str = "programs";
    match installed {
        None => Finding::ok(WHAT, "off: no program runs in other languages"),
        Some(installed) if installed.is_empty() => {
            Finding::warning(WHAT, "no language is installed", "`bin/setup` and `bin/image` build their images")
        }
        Some(installed) => {
            let named = installed.iter().map(|language| format!("{} {}", language.name, language.version));
            Finding::ok(WHAT, named.collect::<Vec<_>>().join(", "))
        }
    }
}

async fn postgres(config: &Config) -> Finding {
    const WHAT: &str = "PostgreSQL";
    if config.database_url.is_none() {
        return match ServerBinaries::newest() {
            Ok(_) => Finding::ok(WHAT, "our own, from the installed server programs"),
            Err(error) => {
                Finding::failure(WHAT, error.to_string(), "`apt-get install postgresql`, or set DATABASE_URL")
            }
        };
    }
    match startup::database(config).await {
        Ok(database) => {
            database.close().await;
            Finding::ok(WHAT, "the one that DATABASE_URL names answers, its schema is up to date")
        }
        Err(error) => Finding::failure(WHAT, format!("{error:#}"), "start it, or unset DATABASE_URL to run our own"),
    }
}

fn disk(folder: &Path) -> Finding {
    const WHAT: &str = "disk";
    let existing = folder.ancestors().find(|folder| folder.exists()).unwrap_or(Path::new("/"));
    match rustix::fs::statvfs(existing) {
        Ok(stat) => {
            let free = stat.f_bavail.saturating_mul(stat.f_frsize);
            let saw = format!("{:.1} GB free at {}", free as f64 / 1e9, existing.display());
            if free >= FREE_DISK {
                Finding::ok(WHAT, saw)
            } else {
                Finding::warning(WHAT, saw, "free some, or move ATHANOR_DATA to a larger disk")
            }
        }
        Err(error) => Finding::warning(WHAT, error.to_string(), "set ATHANOR_DATA to a folder that can be read"),
    }
}

fn limits() -> Vec<Finding> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let info = rustix::system::sysinfo();
    #[expect(clippy::useless_conversion, reason = "the width of these fields differs between machines")]
    let memory = u64::from(info.totalram).saturating_mul(u64::from(info.mem_unit));
    let saw = format!("{cores} cores, {:.1} GB of memory", memory as f64 / 1e9);
    let machine = if memory >= MEMORY {
        Finding::ok("machine", saw)
    } else {
        Finding::warning("machine", saw, "set ATHANOR_POOL to 2 or so: an idle container takes about 50 MB")
    };
    let files = rustix::process::getrlimit(rustix::process::Resource::Nofile).current.unwrap_or(u64::MAX);
    let files = if files >= OPEN_FILES {
        Finding::ok("open files", format!("at most {files}"))
    } else {
        Finding::warning(
            "open files",
            format!("at most {files}"),
            "LimitNOFILE=65536 in the unit, or `ulimit -n 65536`",
        )
    };
    vec![machine, files]
}

fn lessons(config: &Config) -> Finding {
    const WHAT: &str = "lessons";
    if !config.lessons.is_dir() {
        return Finding::failure(WHAT, format!("no folder {}", config.lessons.display()), "set ATHANOR_LESSONS");
    }
    let loaded = content::load(&config.lessons, config.private_lessons.as_deref());
    let saw = format!("{} lessons, {} exercises", loaded.course.lessons().count(), loaded.course.exercises().count());
    match loaded.problems.len() {
        0 => Finding::ok(WHAT, saw),
        problems => Finding::warning(
            WHAT,
            format!("{saw}, {problems} problems"),
            format!("`athanor check {}` shows them", config.lessons.display()),
        ),
    }
}
