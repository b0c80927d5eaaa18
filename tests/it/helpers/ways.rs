//! The ways in which containers are made: through a Docker engine or without, on the host's kernel or on gVisor's.

use athanor::sandbox::containers::{ContainerSettings, EngineSettings};
use athanor::sandbox::oci::OciSettings;

/// Settings for one of `docker/runc`, `docker/runsc`, `oci/runc`, `oci/runsc`.
pub fn settings(way: &str) -> ContainerSettings {
    let (engine, runtime) = way.split_once('/').unwrap();
    let engine = match engine {
        "docker" => EngineSettings::default(),
        "oci" => EngineSettings::Oci(OciSettings::default()),
        other => panic!("there is no engine {other}"),
    };
    ContainerSettings { engine, runtime: Some(runtime.to_owned()), ..ContainerSettings::detect() }
}

/// Each test on each way.
#[macro_export]
macro_rules! on_each_way {
    ($($test:ident),* $(,)?) => {
        $crate::on_each_way! { @way docker_runc = "docker/runc": $($test),* }
        $crate::on_each_way! { @way docker_runsc = "docker/runsc": $($test),* }
        $crate::on_each_way! { @way oci_runc = "oci/runc": $($test),* }
        $crate::on_each_way! { @way oci_runsc = "oci/runsc": $($test),* }
    };
    (@way $module:ident = $way:literal: $($test:ident),*) => {
        mod $module {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $test() {
                super::$test($way).await;
            })*
        }
    };
}

/// Processes that are children of this one: what a runtime leaves beside containers, or what nobody has waited for.
pub fn children() -> Vec<String> {
    children_of(std::process::id())
}

/// What `/proc` says of the processes that are children of one (proc(5): number, name in parentheses, state, parent).
pub fn children_of(parent: u32) -> Vec<String> {
    let parent = parent.to_string();
    let processes = std::fs::read_dir("/proc").unwrap().flatten();
    let stats = processes.filter_map(|entry| std::fs::read_to_string(entry.path().join("stat")).ok());
    stats
        .filter(|stat| stat.rsplit_once(')').is_some_and(|(_, rest)| rest.split_whitespace().nth(1) == Some(&parent)))
        .collect()
}
