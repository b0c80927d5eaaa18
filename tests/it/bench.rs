//! `athanor bench grade`, with small numbers: that it measures, and the shapes that scripts rely on. What it says of a speed
//! is not looked at here.

use std::process::{Command, Output};

use serde_json::Value;

fn bench(arguments: &str) -> Output {
    Command::new(env!("CARGO_BIN_EXE_athanor"))
        .args(["bench", "grade"])
        .args(arguments.split_whitespace())
        .env("ATHANOR_POOL", "1")
        .output()
        .expect("the program")
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn object(output: &Output) -> Value {
    assert!(output.status.success(), "{}", said(output));
    serde_json::from_slice(&output.stdout).expect("one object")
}

const SMALL: &str = "--seconds 1 --submissions 1 --bursts 2 --format json";

/// What was measured of one of them.
fn of<'a>(object: &'a Value, name: &str) -> &'a Value {
    let all = object["variants"].as_array().expect("a list");
    all.iter().find(|one| one["name"] == name).unwrap_or_else(|| panic!("{name}: {object}"))
}

fn value(object: &Value, name: &str, figure: &str) -> f64 {
    of(object, name)["figures"][figure]["median"].as_f64().unwrap_or_else(|| panic!("{name} {figure}: {object}"))
}

#[test]
fn docker_a_short_bench_has_the_shape_that_scripts_rely_on() {
    let object = object(&bench(&format!("--against cold {SMALL}")));
    for way in ["warm", "cold"] {
        for figure in ["p50_ms", "p95_ms", "p99_ms", "sustained_per_s", "cpu_s_per_submission"] {
            assert!(object[way][figure].as_f64().is_some_and(|value| value > 0.0), "{way} {figure}: {object}");
        }
        assert!(object[way].get("burst16_ms").is_some(), "{object}");
    }
    for ratio in ["p50", "sustained", "cpu"] {
        assert!(object["ratios"][ratio].as_f64().is_some(), "{object}");
    }
}

#[test]
fn docker_a_full_bench_measures_all_there_is_and_says_why_something_is_not_there() {
    let variants = "docker/runc/jit,docker/no-such-runtime/jit";
    let line = format!("--full --rounds 1 --variants {variants} --against limit --loads 100 {SMALL}");
    let object = object(&bench(&line));
    for figure in ["p50_ms", "p99_at_100_percent_ms", "sustained_per_s", "burst2_ms", "idle_cgroup_mb", "idle_pss_mb"] {
        assert!(value(&object, "docker/runc/jit", figure) > 0.0, "{figure}: {object}");
    }
    assert!(value(&object, "limit", "p50_ms") > 0.0, "{object}");
    let excused = of(&object, "docker/no-such-runtime/jit");
    assert!(excused["excused"].as_str().is_some_and(|why| why.contains("no-such-runtime")), "{excused}");
    let part = |part: &str| value(&object, "docker/runc/jit", &format!("cycle_{part}_cpu_s"));
    let sum = part("daemon") + part("runtime") + part("container") + part("ours") + part("rest");
    assert!((sum - part("all")).abs() < 0.01, "{object}");
    assert!(part("boot") > 0.0 && part("grading") > 0.0 && part("daemon") > 0.0, "{object}");
    assert!(object["machine"]["cores"].as_u64().is_some_and(|cores| cores > 0), "{object}");
    assert!(object["noise"]["words"].as_str().is_some_and(|words| words.contains("machine")), "{object}");
    let targets = object["targets"].as_array().expect("a list");
    assert!(targets.iter().any(|one| one["target"] == "through Docker, sustained ≥ 2 × cold"), "{object}");
}

#[test]
fn docker_the_older_boot_and_mix_test_give_right_answers_too() {
    let name = "docker/runc/jit/start_clean";
    let object = object(&bench(&format!("--variants {name} --against mix-test {SMALL}")));
    for name in [name, "mix test"] {
        assert!(value(&object, name, "p50_ms") > 0.0, "{name}: {object}");
        assert!(of(&object, name)["failed"].is_null(), "{object}");
    }
}

#[test]
fn docker_with_nothing_to_measure_the_bench_says_why_and_ends_as_not_graded() {
    let output = bench(&format!("--variants docker/no-such-runtime/jit {SMALL}"));
    assert_eq!(output.status.code(), Some(3), "{}", said(&output));
    assert!(said(&output).contains("has no runtime `no-such-runtime`"), "{}", said(&output));
}
