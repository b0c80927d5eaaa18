//! What settings are taken and refused.

use super::*;

fn read(vars: &[(&str, &str)]) -> Result<Config, ConfigError> {
    Config::from_vars(vars.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())))
}

#[test]
fn nothing_set_gives_the_defaults() {
    let config = read(&[("PATH", "/bin")]).expect("settings");
    assert_eq!(config.limits, Limits::DEFAULT);
    assert_eq!(config.listen.to_string(), "127.0.0.1:4000");
}

#[test]
fn a_bad_setting_names_itself_its_value_and_what_is_allowed() {
    for (name, value) in [
        ("ATHANOR_LISTEN", "4000"),
        ("ATHANOR_POOL", "0"),
        ("ATHANOR_BASE_URL", "learn.example.org"),
        ("ATHANOR_LOG_FORMAT", "xml"),
        ("ATHANOR_LIMIT_MEMORY_BYTES", "1000"),
        ("ATHANOR_TRUST_PROXY", "yes"),
        ("ATHANOR_RATE_SUBMISSIONS_ACCOUNT", "30"),
        ("ATHANOR_KEEP_SOURCE_DAYS", "0"),
        ("ATHANOR_POOL_BOOTS", "none"),
        ("ATHANOR_POOL_ADAPT", "perhaps"),
        ("ATHANOR_WATCH_LESSONS", "no"),
        ("ATHANOR_TIME_ZONE", "Berlin"),
        ("ATHANOR_SANDBOX", "podman"),
        ("ATHANOR_FLAVOUR", "llvm"),
        ("ATHANOR_OCI_UIDS", "7"),
    ] {
        let message = read(&[(name, value)]).expect_err(name).to_string();
        assert!(message.contains(name) && message.contains(value) && message.contains("takes"), "{message}");
    }
}

#[test]
fn a_schedule_that_cannot_be_read_names_the_entry() {
    let message = read(&[("ATHANOR_POOL_SCHEDULE", "Mo-Fr 08:50-10:30=30; Tu 8-9=3")]).expect_err("no entry");
    let message = message.to_string();
    assert!(message.starts_with("ATHANOR_POOL_SCHEDULE: `Tu 8-9=3` is no entry such as `Mo-Fr"), "{message}");
}

#[test]
fn a_release_build_cannot_be_made_to_pause() {
    assert_eq!(read(&[("ATHANOR_PAUSE_AT", "after_claim")]).is_ok(), cfg!(debug_assertions));
}

#[test]
fn a_misspelt_setting_is_refused_with_the_nearest_name() {
    let message = read(&[("ATHANOR_LISEN", "127.0.0.1:1")]).expect_err("unknown").to_string();
    assert_eq!(message, "there is no setting ATHANOR_LISEN; did you mean ATHANOR_LISTEN?");
}
