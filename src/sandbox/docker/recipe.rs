//! What a container is made of, in the engine's words. The reasons for each setting are in `docs/ARCHITECTURE.md`.

use std::collections::HashMap;

use bollard::models::{
    ContainerCreateBody, HostConfig, HostConfigCgroupnsModeEnum, HostConfigLogConfig, ResourcesUlimits,
};

use crate::domain::limits::Limits;
use crate::sandbox::containers::engine::{Recipe, Share};
use crate::sandbox::containers::identity::Owner;
use crate::sandbox::containers::seccomp;

/// The request for a container of this owner. `runtime` is its name, if it is not the engine's default.
pub fn body(recipe: &Recipe, owner: &Owner, runtime: Option<&str>, gvisor: bool) -> ContainerCreateBody {
    let mut host = host_config(&recipe.limits, gvisor);
    host.runtime = runtime.map(str::to_owned);
    if recipe.share != Share::Grading {
        host.cpu_shares = Some(recipe.share.shares().into());
    }
    // Without its line breaks: it travels in every request that makes a container.
    let filter = seccomp::profile(gvisor, recipe.more_calls).to_string();
    host.security_opt = Some(vec!["no-new-privileges".to_owned(), format!("seccomp={filter}")]);
    ContainerCreateBody {
        image: Some(recipe.image.clone()),
        labels: Some(owner.labels(&recipe.image, recipe.lifetime)),
        user: Some("65534:65534".to_owned()),
        hostname: Some("sandbox".to_owned()),
        env: Some(recipe.environment.clone()).filter(|variables| !variables.is_empty()),
        entrypoint: recipe.command.as_ref().map(|_| Vec::new()),
        cmd: recipe.command.clone(),
        working_dir: recipe.command.as_ref().map(|_| "/tmp".to_owned()),
        network_disabled: Some(true),
        attach_stdin: Some(true),
        attach_stdout: Some(true),
        attach_stderr: Some(true),
        open_stdin: Some(true),
        stdin_once: Some(true),
        host_config: Some(host),
        ..ContainerCreateBody::default()
    }
}

fn host_config(limits: &Limits, gvisor: bool) -> HostConfig {
    let ulimit =
        |name: &str, value: i64| ResourcesUlimits { name: Some(name.to_owned()), soft: Some(value), hard: Some(value) };
    let mut ulimits = vec![ulimit("nofile", limits.open_files), ulimit("core", 0)];
    // gVisor's own files would be under a limit on file sizes, too, and one of them is the container's memory.
    if !gvisor {
        ulimits.push(ulimit("fsize", limits.tmp_bytes));
    }
    HostConfig {
        memory: Some(limits.memory_bytes),
        memory_swap: Some(limits.memory_bytes),
        pids_limit: Some(limits.pids),
        nano_cpus: Some(limits.cpu_millis * 1_000_000),
        cap_drop: Some(vec!["ALL".to_owned()]),
        readonly_rootfs: Some(true),
        tmpfs: Some(HashMap::from([(
            "/tmp".to_owned(),
            format!("size={},noexec,nosuid,nodev,nr_inodes=1024,mode=1777", limits.tmp_bytes),
        )])),
        ulimits: Some(ulimits),
        log_config: Some(HostConfigLogConfig { typ: Some("none".to_owned()), config: None }),
        ipc_mode: Some("none".to_owned()),
        cgroupns_mode: Some(HostConfigCgroupnsModeEnum::PRIVATE),
        ..HostConfig::default()
    }
}
