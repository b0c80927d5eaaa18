//! `athanor doctor` says how containers are kept from the host and from each other.

#![allow(clippy::unwrap_used, reason = "a test ends where something is not as it should be")]

use std::process::Command;

use serde_json::Value;

/// What it finds with these settings, by name.
fn findings(settings: &[(&str, &str)]) -> Value {
    let mut command = Command::new(env!("CARGO_BIN_EXE_athanor"));
    let output = command.args(["doctor", "--format", "json"]).envs(settings.iter().copied()).output().unwrap();
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let findings = report["findings"].as_array().unwrap().iter();
    findings.map(|finding| (finding["what"].as_str().unwrap().to_owned(), finding.clone())).collect()
}

#[test]
fn docker_doctor_tells_runtime_filter_namespaces_and_control_groups() {
    let found = findings(&[("ATHANOR_RUNTIME", "runsc")]);
    assert_eq!(found["runtime"]["health"], "ok", "with its filter of system calls: {}", found["runtime"]);
    assert!(found["runtime"]["saw"].as_str().unwrap().contains("a kernel of its own"));
    assert_eq!(found["seccomp"]["health"], "ok");
    assert!(found["user namespace"]["saw"].is_string());
    let groups = found["control groups"]["saw"].as_str().unwrap();
    assert!(groups.starts_with("version "), "{groups}");
    let missing = findings(&[("ATHANOR_RUNTIME", "no-such-runtime")]);
    assert_eq!(missing["runtime"]["health"], "failure");
}
