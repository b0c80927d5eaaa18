//! What code must never learn: a case before its turn, an expected value, anything of another learner, anything of the worker.

#![allow(clippy::unwrap_used, reason = "a test ends where something is not as it should be")]

use std::time::Instant;

use athanor::domain::job::{Job, Kind};
use athanor::domain::limits::Limits;
use athanor::domain::report::{Report, StepOutcome};
use athanor::sandbox::containers::{ContainerSandbox, ContainerSettings};
use athanor::sandbox::driver::Driver;
use athanor::sandbox::protocol::frame_of;
use athanor::sandbox::{EventSink, Sandbox};
use serde_json::{Value, json};

use crate::helpers::ways::settings;
use crate::hostile::exercise;
use crate::sandbox_contract::job;

/// Looks for a word everywhere in the container that code can look: in processes, tables, terms, settings, files, what the
/// kernel says of every process, and the VM's memory byte by byte. It is given as a pattern, so that it does not find itself.
const HUNTER: &str = r#"
defmodule Target do
  def hunt(start, rest), do: Enum.flat_map(places(), &found(&1, start <> "[" <> rest <> "]"))
  def hunt(start, rest, _given), do: hunt(start, rest)

  def hide(word) do
    :persistent_term.put(:hidden, word)
    Application.put_env(:kernel, :hidden, word)
    System.put_env("HIDDEN", word)
    for folder <- ["/tmp", "/dev/shm", "/var/tmp", "/run", "/athanor"], do: File.write(folder <> "/hidden", word)
    spawn(fn -> Process.sleep(:infinity) && word end)
    :ok
  end

  def everything do
    environments = for {:ok, text} <- Enum.map(Path.wildcard("/proc/[0-9]*/{environ,cmdline}"), &File.read/1), do: text
    Enum.join([inspect(System.get_env(), limit: :infinity, printable_limit: :infinity) | environments], "\n")
  end

  defp places, do: [:processes, :terms, :tables, :environment, :files, :kernel, :memory]

  defp found(:memory, pattern) do
    {:ok, pattern} = :re.compile(pattern)
    {:ok, file} = :file.open("/proc/self/mem", [:read, :raw, :binary])
    for line <- String.split(File.read!("/proc/self/maps"), "\n"), part <- parts(line), seen?(file, part, pattern), uniq: true, do: :memory
  end

  defp found(place, pattern) do
    if Enum.any?(texts(place), &(&1 =~ Regex.compile!(pattern))), do: [place], else: []
  end

  defp parts(line) do
    with [range, "rw" <> _ | _] <- String.split(line, " "),
         [first, last] <- range |> String.split("-") |> Enum.map(&String.to_integer(&1, 16)),
         true <- last - first < 128_000_000 do
      for at <- first..(last - 1)//1_000_000, do: {at, min(1_000_100, last - at)}
    else
      _ -> []
    end
  end

  defp seen?(file, {at, size}, pattern) do
    case :file.pread(file, at, size) do
      {:ok, bytes} -> :re.run(bytes, pattern, capture: :none) == :match
      _ -> false
    end
  end

  defp texts(:processes), do: for(pid <- Process.list(), do: text(Process.info(pid, [:messages, :dictionary, :links, :registered_name])))
  defp texts(:terms), do: [text(:persistent_term.get())]
  defp texts(:tables), do: for(table <- :ets.all(), :ets.info(table, :protection) != :private, do: text(:ets.tab2list(table)))
  defp texts(:environment), do: [text(System.get_env()), text(Application.get_all_env(:kernel))]
  defp texts(:files), do: for(folder <- ~w(/tmp /dev/shm /var/tmp /run /home /srv /mnt /opt), path <- Path.wildcard(folder <> "/**", match_dot: true), {:ok, text} <- [File.read(path)], do: text)
  defp texts(:kernel), do: for(path <- Path.wildcard("/proc/[0-9]*/{environ,cmdline,mountinfo}"), {:ok, text} <- [File.read(path)], do: text)

  defp text(term), do: inspect(term, limit: :infinity, printable_limit: :infinity)
end
"#;

async fn sandbox(way: &str) -> ContainerSandbox {
    ContainerSandbox::start(ContainerSettings { pool_size: 0, max_jobs: 1, ..settings(way) }).await.unwrap()
}

async fn run(sandbox: &ContainerSandbox, source: &str, cases: &[&[&str]]) -> Report {
    let mut job = job(source, cases);
    job.cases.iter_mut().for_each(|case| case.timeout_ms = 20_000);
    job.limits.job_ms = 60_000;
    sandbox.run(job, &EventSink::none()).await.unwrap()
}

fn text(outcome: &StepOutcome) -> &str {
    match outcome {
        StepOutcome::Value { text, .. } => text,
        other => panic!("{other:?}"),
    }
}

fn texts(report: &Report) -> Vec<&str> {
    report.cases.iter().flat_map(|case| case.steps.iter().map(|step| text(&step.outcome))).collect()
}

async fn a_case_is_nowhere_in_the_container_before_its_turn(way: &str) {
    let sandbox = sandbox(way).await;
    // The first case hunts for what the second says, and the second for itself: so it could have been found.
    let first: &[&str] = &["Target.hunt(\"Zebra\", \"7\")"];
    let second: &[&str] = &["!", "Target.hunt(\"Zebra\", \"7\", \"Zebra7\")"];
    let report = run(&sandbox, HUNTER, &[first, second]).await;
    assert_eq!(texts(&report), ["[]", "[:memory]"]);
    sandbox.shutdown().await;
}

async fn nothing_that_another_learner_hid_anywhere_is_there_for_the_next(way: &str) {
    let sandbox = sandbox(way).await;
    let hidden = run(&sandbox, HUNTER, &[&["Target.hide(\"Okapi5\")", "Target.hunt(\"Okapi\", \"5\")"]]).await;
    let there = texts(&hidden)[1].to_owned();
    for place in [":terms", ":environment", ":files", ":memory"] {
        assert!(there.contains(place), "the hunter finds what is there: {there}");
    }
    let after = run(&sandbox, HUNTER, &[&["Target.hunt(\"Okapi\", \"5\")"]]).await;
    assert_eq!(texts(&after), ["[]"]);
    sandbox.shutdown().await;
}

async fn nothing_of_the_workers_environment_is_in_the_container(way: &str) {
    let sandbox = sandbox(way).await;
    let report = run(&sandbox, HUNTER, &[&["IO.puts(Target.everything())"]]).await;
    let seen = &report.cases[0].steps[0].output;
    assert!(seen.head.contains("HOME") && seen.cut_bytes == 0, "{seen:?}");
    let mut compared = 0;
    for (name, value) in std::env::vars() {
        // Short ones and search paths are alike everywhere.
        if value.len() > 8 && !value.contains("/bin") && !value.contains("UTF-8") {
            compared += 1;
            assert!(!seen.head.contains(&value), "{name} of the worker is in the container");
        }
    }
    assert!(compared > 5, "this process has an environment to compare with");
    assert!(!seen.head.contains("ATHANOR_") && !seen.head.contains("DATABASE_URL"));
    sandbox.shutdown().await;
}

crate::on_each_way![
    a_case_is_nowhere_in_the_container_before_its_turn,
    nothing_that_another_learner_hid_anywhere_is_there_for_the_next,
    nothing_of_the_workers_environment_is_in_the_container,
];

#[test]
fn no_frame_that_goes_in_holds_an_expected_value_or_a_later_case() {
    let mut tests = exercise();
    for (n, case) in tests.cases.iter_mut().enumerate() {
        case.steps[0].code = format!("Target.question({n})");
        case.steps[0].expect = Some(athanor::domain::exercise::Expect::Value(format!(":answer_{n}")));
        case.name = format!("name {n}");
    }
    tests.solution = "solution".to_owned();
    let sources = Job::single_source(tests.language, "learner's");
    let job = Job::new(&tests, sources, Kind::Submit, Limits::DEFAULT);
    let now = Instant::now();
    let (mut driver, first) = Driver::new(job, now, [1; 32]);
    let mut sent = vec![String::from_utf8(first[4..].to_vec()).unwrap()];
    while !driver.is_done() {
        let asked: Value = serde_json::from_str(sent.last().unwrap()).unwrap();
        let nothing = json!({"head": "", "tail": "", "cut": 0});
        let answer = match asked["op"].as_str() {
            Some("load") => json!({"op": "loaded", "nonce": asked["nonce"], "diagnostics": [], "output": nothing}),
            _ => json!({"op": "value", "nonce": asked["nonce"], "case": asked["case"], "n": asked["n"],
                        "term": "g2EB", "text": "1", "output": nothing, "us": 1}),
        };
        let next = driver.received(&frame_of(answer.to_string().as_bytes()), now, &EventSink::none());
        sent.extend(next.map(|frame| String::from_utf8(frame[4..].to_vec()).unwrap()));
    }
    assert_eq!(sent.len(), 1 + tests.cases.len());
    for (place, frame) in sent.iter().enumerate() {
        for word in ["answer_", "solution\"", "name ", "hidden"] {
            assert!(!frame.contains(word), "{word} in {frame}");
        }
        let questions = frame.matches("question").count();
        assert_eq!(questions, usize::from(place > 0), "{frame}");
    }
}
