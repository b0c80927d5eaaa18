//! The allow-list of system calls, in the forms that engines want it. The VM boots and compiles with it; all else answers
//! EPERM.

use serde_json::{Value, json};

/// The list, in the form of Docker's profiles.
const PROFILE: &str = include_str!("seccomp.json");

/// The list as Docker wants it, with these calls beside it.
///
/// gVisor refuses with EPERM whatever number a rule names, so the C library would not learn that it should do without
/// `clone3`. There it is allowed: the new namespaces it could make are those of gVisor's own kernel.
#[must_use]
pub fn profile(gvisor: bool, more_calls: &[&str]) -> Value {
    let mut profile: Value = serde_json::from_str(PROFILE).unwrap_or_default();
    if let Some(rules) = profile["syscalls"].as_array_mut() {
        if gvisor {
            rules.retain(|rule| rule["action"] == "SCMP_ACT_ALLOW");
            rules.push(json!({ "names": ["clone3"], "action": "SCMP_ACT_ALLOW" }));
        }
        if !more_calls.is_empty() {
            rules.push(json!({ "names": more_calls, "action": "SCMP_ACT_ALLOW" }));
        }
    }
    profile
}

/// The list as the OCI runtime specification has it (`linux.seccomp`): the same rules, for the machine's own architecture
/// only. A call through the table of another one is refused.
#[must_use]
pub fn for_runtime(gvisor: bool, more_calls: &[&str]) -> Value {
    let mut profile = profile(gvisor, more_calls);
    if let Some(fields) = profile.as_object_mut() {
        fields.remove("archMap");
        let architecture = format!("SCMP_ARCH_{}", std::env::consts::ARCH.to_uppercase());
        fields.insert("architectures".to_owned(), json!([architecture]));
    }
    for rule in profile["syscalls"].as_array_mut().into_iter().flatten() {
        if let Some(fields) = rule.as_object_mut() {
            fields.remove("comment");
        }
    }
    profile
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_refuses_what_it_does_not_name() {
        for profile in [profile(false, &[]), profile(true, &[]), for_runtime(false, &[])] {
            assert_eq!((&profile["defaultAction"], &profile["defaultErrnoRet"]), (&json!("SCMP_ACT_ERRNO"), &json!(1)));
            assert!(profile["syscalls"].as_array().is_some_and(|rules| rules.len() > 5));
        }
    }

    #[test]
    fn what_a_program_needs_more_is_added() {
        let last = |profile: Value| profile["syscalls"].as_array().and_then(|rules| rules.last().cloned());
        let more = Some(json!({ "names": ["pause"], "action": "SCMP_ACT_ALLOW" }));
        assert_eq!(last(profile(false, &["pause"])), more);
        assert_eq!(last(for_runtime(true, &["pause"])), more);
    }

    #[test]
    fn a_runtime_gets_no_field_that_it_does_not_know() {
        let profile = for_runtime(false, &[]);
        assert!(profile.get("archMap").is_none());
        assert!(profile["syscalls"].as_array().into_iter().flatten().all(|rule| rule.get("comment").is_none()));
    }
}
