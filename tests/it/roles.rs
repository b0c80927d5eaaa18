//! Every role of an exercise, through all layers: the course in `roles/lessons` is checked and graded by the real program.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

fn lessons() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/roles/lessons")
}

fn athanor(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_athanor")).args(arguments).env("ATHANOR_POOL", "2").output().expect("the program")
}

/// Grades sources, each a list of files, and returns one object for each.
fn grade(exercise: &str, submissions: &[&[(&str, &str)]]) -> Vec<Value> {
    let work = tempfile::tempdir().unwrap();
    let mut arguments = ["grade", "--lessons", lessons().to_str().unwrap(), "--exercise", exercise, "--format", "json"]
        .map(str::to_owned)
        .to_vec();
    for (number, files) in submissions.iter().enumerate() {
        let folder = work.path().join(number.to_string());
        std::fs::create_dir_all(&folder).unwrap();
        for (name, text) in *files {
            std::fs::write(folder.join(name), text).unwrap();
        }
        let path = if let [(name, _)] = files { folder.join(name) } else { folder };
        arguments.push(path.to_str().unwrap().to_owned());
    }
    let output = athanor(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
    let graded = String::from_utf8_lossy(&output.stdout);
    let graded: Vec<Value> = graded.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(graded.len(), submissions.len(), "{}", String::from_utf8_lossy(&output.stderr));
    graded
}

#[test]
fn docker_the_course_of_every_role_is_green() {
    let output = athanor(&["check", lessons().to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stdout));
}

#[test]
fn docker_a_session_is_shown_with_where_it_departs() {
    let silent = "defmodule Greeter do\n  def main do\n    name = IO.gets(\"\") |> String.trim()\n    IO.puts(\"Hello, #{name}!\")\n  end\nend\n";
    let raises =
        "defmodule Greeter do\n  def main do\n    IO.gets(\"What is your name? \")\n    raise \"oh\"\n  end\nend\n";
    let graded = grade("greeter", &[&[("a.ex", silent)], &[("b.ex", raises)]]);
    let case = &graded[0]["cases"][0];
    assert_eq!((case["outcome"].as_str(), case["expression"].as_str()), (Some("failed"), Some("Greeter.main()")));
    assert_eq!(case["expected"], "What is your name?\n> Ada\nHello, Ada!");
    assert_eq!(case["actual"], "> Ada\nHello, Ada!");
    assert!(case["message"].as_str().unwrap().contains("departs at line 1"), "{case}");
    let case = &graded[1]["cases"][0];
    assert_eq!(
        (case["outcome"].as_str(), case["actual"].as_str()),
        (Some("raised"), Some("What is your name? \n> Ada"))
    );
    assert!(case["message"].as_str().unwrap().contains("(RuntimeError) oh"), "{case}");
}

/// Every way to read takes the same lines, and the session shows them as they were read.
#[test]
fn docker_typed_lines_reach_every_way_of_reading() {
    let ways = [
        "IO.stream() |> Enum.map(&String.trim/1)",
        "with(:eof <- IO.read(:stdio, :eof), do: \"\") |> String.split()",
        "Stream.repeatedly(fn -> IO.gets(\"\") end) |> Enum.take_while(&(&1 != :eof)) |> Enum.map(&String.trim/1)",
        "Stream.repeatedly(fn -> :io.get_line(~c\"\") end) |> Enum.take_while(&(&1 != :eof)) |> Enum.map(&String.trim(to_string(&1)))",
        "Stream.repeatedly(fn -> IO.getn(\"\", 3) end) |> Enum.take_while(&(&1 != :eof)) |> Enum.join() |> String.split()",
        "Stream.repeatedly(fn -> :io.fread(~c\"\", ~c\"~s\") end) |> Enum.take_while(&(&1 != :eof)) |> Enum.map(fn {:ok, [s]} -> to_string(s) end)",
        "with(:eof <- IO.binread(:stdio, :eof), do: \"\") |> String.split()",
        "Stream.repeatedly(fn -> IO.read(:line) end) |> Enum.take_while(&(&1 != :eof)) |> Enum.map(&String.trim/1)",
    ];
    let sources: Vec<String> = ways
        .iter()
        .map(|way| {
            format!(
                "defmodule Adder do\n  def main do\n    ({way}) |> Enum.map(&String.to_integer/1) |> Enum.sum() |> IO.puts()\n  end\nend\n"
            )
        })
        .collect();
    let files: Vec<[(&str, &str); 1]> = sources.iter().map(|source| [("a.ex", source.as_str())]).collect();
    let graded = grade("adder", &files.iter().map(|file| file.as_slice()).collect::<Vec<_>>());
    for (way, graded) in ways.iter().zip(&graded) {
        assert_eq!(graded["verdict"], "passed", "{way}: {graded:#}");
    }
}

const SUM: &str =
    "-module(sum).\n-export([total/1]).\n\ntotal([]) -> 0;\ntotal([Head | Tail]) -> Head + total(Tail).\n";

#[test]
fn docker_erlang_is_compiled_with_the_words_of_its_compiler() {
    let unbound = SUM.replace("-> 0", "-> Nothing");
    let syntax = SUM.replace("-> 0;", "-> 0");
    let nameless = SUM.replace("-module(sum).\n", "");
    let unused =
        SUM.replace("[] ) -> 0", "").replace("total([Head", "total([_ | Rest]) when is_atom(Rest) -> ok;\ntotal([Head");
    let warned = SUM
        .replace("total([]) -> 0;", "total([]) -> 0;\ntotal(Other) when is_atom(Other) -> Unused = 1, error(badarg);");
    let sticky = SUM.replace("module(sum)", "module(lists)");
    let text = |source: &str| source.to_owned();
    let sources = [unbound, syntax, nameless, warned, sticky, text(SUM), unused];
    let files: Vec<[(&str, &str); 1]> = sources.iter().map(|source| [("sum.erl", source.as_str())]).collect();
    let graded = grade("erlang-sum", &files.iter().map(|file| file.as_slice()).collect::<Vec<_>>());
    let remark = |n: usize| {
        let remark = &graded[n]["diagnostics"][0];
        (remark["message"].as_str().unwrap_or_default(), remark["line"].as_u64(), remark["column"].as_u64())
    };
    assert_eq!(graded[0]["verdict"], "compile_error");
    assert_eq!(remark(0), ("variable 'Nothing' is unbound", Some(4), Some(14)));
    assert_eq!(remark(1), ("syntax error before: total", Some(5), Some(1)));
    assert_eq!(remark(2).0, "no module definition");
    assert_eq!(graded[3]["diagnostics"][0]["severity"], "warning");
    assert_eq!(remark(3), ("variable 'Unused' is unused", Some(5), Some(37)));
    assert_eq!(remark(4).0, "the module lists belongs to Erlang itself and cannot be replaced");
    assert_eq!(graded[5]["verdict"], "passed", "{:#}", graded[5]);
    assert_eq!(graded[6]["verdict"], "passed", "{:#}", graded[6]);
}

#[test]
fn docker_several_erlang_modules_come_as_files_or_in_one_text() {
    let shape = "-module(shape).\n-export([area/1]).\n-include(\"sizes.hrl\").\narea({square, Side}) -> edge:twice(Side * ?ONE).\n";
    let edge = "-module(edge).\n-export([twice/1]).\n\ntwice(Side) -> Side * Side.\n";
    let raises = "-module(edge).\n-export([twice/1]).\n\ntwice(Side) ->\n  Side + atom.\n";
    let in_one =
        format!("%% both\n{}\n{raises}", shape.replace("-include(\"sizes.hrl\").\n", "").replace(" * ?ONE", ""));
    let graded = grade(
        "erlang-files",
        &[
            &[("shape.erl", shape), ("edge.erl", edge), ("sizes.hrl", "-define(ONE, 1).\n")],
            &[("solution.erl", &in_one)],
        ],
    );
    assert_eq!(graded[0]["verdict"], "passed", "{:#}", graded[0]);
    let case = &graded[1]["cases"][0];
    assert_eq!(case["outcome"], "raised");
    assert!(case["message"].as_str().unwrap().contains("(ArithmeticError)"), "{case}");
}

const TARGET: &str = include_str!("hostile_exunit/passed/honest.ex");

#[test]
fn docker_a_failed_test_shows_its_assertion_both_sides_output_and_time() {
    let loud = TARGET.replace("do: x * 2", "do: IO.inspect(abs(x) * 2, label: \"got\")");
    let raises = TARGET
        .replace("def first_or([], default), do: default", "def first_or([], _), do: raise(ArgumentError, \"none\")");
    let broken = TARGET.replace("do: x * 2", "do: y * 2");
    let graded =
        grade("target", &[&[("a.ex", TARGET)], &[("b.ex", &loud)], &[("c.ex", &raises)], &[("d.ex", &broken)]]);
    let verdicts: Vec<&str> = graded.iter().map(|graded| graded["verdict"].as_str().unwrap()).collect();
    assert_eq!(verdicts, ["passed", "failed", "failed", "compile_error"]);
    assert_eq!(graded[0]["checked_in_vm"], true);
    let names: Vec<&str> =
        graded[0]["cases"].as_array().unwrap().iter().map(|case| case["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["doubles", "of nothing", "keeps nil", "doubles a negative"]);
    let case = &graded[1]["cases"][3];
    assert_eq!(
        (case["outcome"].as_str(), case["expression"].as_str()),
        (Some("failed"), Some("assert -8 == Target.double(-4)"))
    );
    assert_eq!((case["expected"].as_str(), case["actual"].as_str()), (Some("-8"), Some("8")));
    assert_eq!(case["output"], "got: 8\n");
    assert_eq!(graded[1]["cases"][0]["output"], "got: 42\n", "each test has its own output");
    let case = &graded[2]["cases"][1];
    assert_eq!((case["outcome"].as_str(), case["message"].as_str()), (Some("raised"), Some("** (ArgumentError) none")));
    assert_eq!(graded[3]["cases"][0]["outcome"], "not_reached");
}

#[test]
fn docker_the_runner_writes_what_a_test_runner_writes() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let file = folder.path().join(name);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, text).unwrap();
    };
    let results = |solution: &str| -> Value {
        file("in/lib/two_fer.ex", solution);
        let (input, output) = (folder.path().join("in"), folder.path().join("out"));
        let ran = athanor(&["runner", "two-fer", input.to_str().unwrap(), output.to_str().unwrap()]);
        assert_eq!(ran.status.code(), Some(0), "{}", String::from_utf8_lossy(&ran.stderr));
        serde_json::from_slice(&std::fs::read(output.join("results.json")).unwrap()).unwrap()
    };
    file("in/mix.exs", "raise \"nobody runs this\"");
    file("in/lib/two_fer/names.ex", "defmodule TwoFer.Names do\n  def default, do: \"you\"\nend\n");
    file("in/test/test_helper.exs", "ExUnit.start()\nExUnit.configure(exclude: :pending, trace: true)\n");
    file(
        "in/test/two_fer_test.exs",
        "defmodule TwoFerTest do\n  use ExUnit.Case\n\n  @tag task_id: 1\n  test \"no name\" do\n    assert TwoFer.two_fer() == \"One for you\"\n  end\n\n  \
         describe \"named\" do\n    @tag :pending\n    @tag task_id: 2\n    test \"a name\" do\n      name = \"Ada\"\n      assert TwoFer.two_fer(name) == \"One for Ada\"\n    end\n  end\n\n  \
         @tag :slow\n  test \"slow\" do\n    flunk(\"no\")\n  end\nend\n",
    );
    let right = "defmodule TwoFer do\n  def two_fer(name \\\\ TwoFer.Names.default()) do\n    IO.puts(String.duplicate(\"x\", 600))\n    \"One for #{name}\"\n  end\nend\n";
    let passed = results(right);
    assert_eq!(
        (&passed["version"], &passed["status"], &passed["message"]),
        (&Value::from(3), &Value::from("pass"), &Value::Null)
    );
    let tests = passed["tests"].as_array().unwrap();
    let names: Vec<&str> = tests.iter().map(|test| test["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["test no name", "test named a name"]);
    assert_eq!((&tests[0]["task_id"], &tests[1]["task_id"]), (&Value::from(1), &Value::from(2)));
    assert_eq!(tests[1]["test_code"], "name = \"Ada\"\nassert TwoFer.two_fer(name) == \"One for Ada\"");
    assert_eq!(tests[0]["output"].as_str().unwrap().chars().count(), 500);
    let failed = results(&right.replace("One for #{name}", "One for you"));
    assert_eq!((&failed["status"], &failed["tests"][0]["status"]), (&Value::from("fail"), &Value::from("pass")));
    let message = failed["tests"][1]["message"].as_str().unwrap();
    assert!(message.contains("expected: \"One for Ada\"") && message.contains("got: \"One for you\""), "{message}");
    let broken = results("defmodule TwoFer do\n  def two_fer(name, do: name\nend\n");
    assert_eq!(broken["status"], "error");
    assert!(broken["message"].as_str().unwrap().contains("two_fer.ex:"), "{broken}");
    assert_eq!(athanor(&["runner", "x", "/no/such/folder", "/tmp"]).status.code(), Some(2));
}
