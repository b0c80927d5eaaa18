//! How the image of Elixir exercises boots: its flavours, its boot files, and what they load.

#![allow(clippy::unwrap_used, reason = "a test ends where something is not as it should be")]

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use athanor::sandbox::containers::ContainerSettings;
use serde_json::json;
use sha2::{Digest as _, Sha256};

use crate::helpers::container::{Container, run};

/// The boot file of cases, and that of jobs of the kind `exunit`.
const BOOTS: [&str; 2] = ["/athanor/batch", "/athanor/batch_exunit"];

/// What a learner's first submission looks like, and its mistakes.
const SOURCE: &str = "
defmodule Target do
  @moduledoc \"Numbers.\"
  defstruct [:a]
  def double(x) when is_number(x), do: x * 2
  def total(list), do: Enum.reduce(list, 0, &(&1 + &2))
  def words(text), do: text |> String.split() |> Enum.map(&String.upcase/1)
  def unused(y), do: raise ArgumentError, \"not for you\"
end
";

/// Modules that were loaded one by one: all that come from a file and that the boot file has not loaded.
const ONE_BY_ONE: &str = "
{:ok, [[boot]]} = :init.get_argument(:boot)
{:script, _, commands} = :erlang.binary_to_term(:erlang.element(2, :file.read_file(boot ++ ~c\".boot\")))
batch = for {:primLoad, modules} <- commands, module <- modules, do: module
Enum.sort(for {module, file} <- loaded, is_list(file), file != [], module not in batch, do: module)
";

fn image() -> String {
    ContainerSettings::detect().image
}

fn label(name: &str) -> String {
    let format = format!("{{{{index .Config.Labels \"{name}\"}}}}");
    let said = Command::new("docker").args(["image", "inspect", "--format", &format, &image()]).output().unwrap();
    String::from_utf8(said.stdout).unwrap().trim().to_owned()
}

fn flavours() -> Vec<String> {
    label("athanor.flavours").split(',').map(str::to_owned).collect()
}

/// What a command in the image prints.
fn inside(script: &str) -> String {
    let said = Command::new("docker")
        .args([
            "run",
            "--rm",
            "--network",
            "none",
            "--log-driver",
            "none",
            "--entrypoint",
            "sh",
            &image(),
            "-euc",
            script,
        ])
        .output()
        .unwrap();
    assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
    String::from_utf8(said.stdout).unwrap()
}

/// Keeps what is loaded now, and says in a second step, which itself may load more, what no boot file has loaded.
fn loaded_one_by_one(container: &mut Container, case: u32) -> String {
    container.shown(case, "length(loaded = :code.all_loaded())");
    container.shown(case, ONE_BY_ONE)
}

#[test]
fn every_flavour_and_boot_file_of_the_image_says_that_it_is_ready_and_grades() {
    let flavours = flavours();
    assert!(flavours.contains(&"jit".to_owned()), "{flavours:?}");
    for flavour in &flavours {
        for boot in BOOTS {
            let (mut container, ready) =
                Container::boot(&image(), &[("ATHANOR_FLAVOUR", flavour), ("ATHANOR_BOOT", boot)]);
            assert_eq!((&ready["op"], &ready["v"]), (&json!("ready"), &json!(2)), "{flavour} {boot}");
            assert_eq!(container.load(SOURCE, false)["op"], "loaded", "{flavour} {boot}");
            // [131, 97, 42] in base64: an integer of one byte.
            assert_eq!(container.step(0, "Target.double(21)")["term"], "g2Eq", "{flavour} {boot}");
            assert_eq!(container.shown(1, ":erlang.system_info(:emu_flavor)"), format!(":{flavour}"), "{boot}");
        }
    }
}

#[test]
fn an_image_that_is_told_nothing_boots_the_flavour_of_its_label() {
    let flavour = label("athanor.flavour");
    assert!(flavours().contains(&flavour), "{flavour}");
    let (mut container, _) = Container::boot(&image(), &[]);
    container.load(SOURCE, false);
    assert_eq!(container.shown(0, ":erlang.system_info(:emu_flavor)"), format!(":{flavour}"));
}

#[test]
fn a_flavour_or_a_boot_file_that_is_not_there_is_named_and_ends_the_container() {
    for (name, value) in [("ATHANOR_FLAVOUR", "fast"), ("ATHANOR_FLAVOUR", ""), ("ATHANOR_BOOT", "/athanor/nothing")] {
        let said = run(&image(), &[(name, value)]).output().unwrap();
        assert_eq!(said.status.code(), Some(64), "{name}={value}");
        assert!(said.stdout.is_empty(), "no frame");
        let words = String::from_utf8(said.stderr).unwrap();
        assert!(words.starts_with(&format!("{name} is \"{value}\"")), "{words}");
    }
}

#[test]
fn a_first_submission_and_its_mistakes_load_no_module_that_the_boot_file_has_not() {
    let (mut container, _) = Container::boot(&image(), &[]);
    assert_eq!(container.load(SOURCE, false)["op"], "loaded");
    for (case, code) in [
        "Target.double(21)",
        "Target.words(\"a b\")",
        "%Target{a: 1.5}",
        "IO.puts(\"x\")",
        "Target.double(:a)",
        "Target.unused(1)",
        "Target.nowhere(1)",
        "no_such_thing(1)",
    ]
    .iter()
    .enumerate()
    {
        container.step(u32::try_from(case).unwrap(), code);
    }
    assert_eq!(loaded_one_by_one(&mut container, 99), "[]");
}

#[test]
fn a_submission_that_does_not_compile_loads_no_module_that_the_boot_file_has_not() {
    for wrong in ["defmodule Target do\n  def a(x), do: y\nend\n", "defmodule Target do\n  def a(x) do\n"] {
        let (mut container, _) = Container::boot(&image(), &[]);
        assert_eq!(container.load(wrong, false)["op"], "refused");
        assert_eq!(loaded_one_by_one(&mut container, 0), "[]", "{wrong}");
    }
}

#[test]
fn a_first_suite_loads_no_module_that_its_boot_file_has_not() {
    let (mut container, _) = Container::boot(&image(), &[("ATHANOR_BOOT", BOOTS[1])]);
    assert_eq!(container.load(SOURCE, true)["op"], "loaded");
    let tests = "defmodule TargetTest do\n  use ExUnit.Case\n  @tag :pending\n  test \"a\", do: assert(Target.double(1) == 2)\n  \
                 test \"b\", do: assert(Target.double(1) == 3)\n  test \"c\", do: assert_raise(ArgumentError, fn -> Target.unused(2) end)\n  \
                 test \"d\", do: Target.nowhere()\nend\n";
    container.say(&json!({
        "op": "suite", "nonce": "3", "files": [{"file": "target_test.exs", "text": tests}],
        "slots": [{"token": "4be1c02a9f77", "negated": false}, {"token": "4be1c02a9f78", "negated": true}],
        "decoys": [{"token": "0c3d5e11aa90", "passes": false}], "seed": 4711, "timeout_ms": 2000, "code": false,
    }));
    let mut outcomes = BTreeMap::new();
    loop {
        let frame = container.hear();
        if frame["op"] != "test" {
            assert_eq!(frame["op"], "suite_done");
            break;
        }
        let name = frame["name"].as_str().unwrap().to_owned();
        outcomes.insert(name, frame["outcome"].as_str().unwrap().to_owned());
    }
    let outcomes: Vec<_> = outcomes.values().map(String::as_str).collect();
    assert_eq!(outcomes, ["failed", "passed", "passed", "passed", "failed"]);
    assert_eq!(loaded_one_by_one(&mut container, 0), "[]");
}

#[test]
fn only_the_boot_file_of_exunit_jobs_loads_exunit() {
    for (boot, loaded) in [(BOOTS[0], "false"), (BOOTS[1], "true")] {
        let (mut container, _) = Container::boot(&image(), &[("ATHANOR_BOOT", boot)]);
        container.load(SOURCE, false);
        let any = "Enum.any?(:code.all_loaded(), fn {module, _} -> inspect(module) =~ \"ExUnit\" end)";
        assert_eq!(container.shown(0, any), loaded, "{boot}");
        // What the warm-up has left behind of its own suite would disturb the learner's.
        assert_eq!(container.shown(1, "List.keymember?(Application.started_applications(), :ex_unit, 0)"), "false");
        assert_eq!(
            container
                .shown(2, "for {module, _} <- :code.all_loaded(), inspect(module) =~ \"Athanor.Warm\", do: module"),
            "[]"
        );
    }
}

#[test]
fn the_boot_files_were_recorded_with_the_otp_the_elixir_and_the_harness_that_are_there() {
    let recorded = inside("cat /athanor/recorded");
    let mut lines = recorded.lines();
    assert_eq!(lines.next(), Some(inside("cat /athanor/erlang/releases/*/OTP_VERSION").trim()), "OTP");
    let (_, ready) = Container::boot(&image(), &[]);
    assert_eq!(lines.next(), ready["elixir"].as_str(), "Elixir");
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("runner-images/elixir/harness");
    let mut harness: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|file| {
            let file = file.unwrap();
            let hash = Sha256::digest(std::fs::read(file.path()).unwrap());
            let hash: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
            format!("{hash}  {}", file.file_name().to_string_lossy())
        })
        .collect();
    harness.sort_by(|a, b| a.split("  ").nth(1).cmp(&b.split("  ").nth(1)));
    assert_eq!(lines.collect::<Vec<_>>(), harness, "the image is not of this harness: bin/image");
}

#[test]
fn the_modules_of_the_batch_are_those_of_the_image() {
    // Each comes from one of the folders on the path, and is the same file still.
    let strange = inside(
        "cd /athanor/batch.d; for beam in *.beam; do \
           for folder in /athanor/ebin /athanor/elixir/*/ebin /athanor/erlang/lib/*/ebin; do \
             if [ -e \"$folder/$beam\" ]; then cmp -s \"$folder/$beam\" \"$beam\" || echo \"$beam\"; continue 2; fi; \
           done; echo \"$beam is nowhere\"; \
         done",
    );
    assert_eq!(strange, "");
}
