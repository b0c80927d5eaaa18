//! IEx in real containers: what it shows, what its limits stop, and that nothing of it stays.

use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use athanor::sandbox::containers::{ContainerSandbox, ContainerSettings};
use athanor::startup::Grading;
use serde_json::{Value, json};

use crate::helpers::app::{Browser, PATIENCE, TestApp, fake};
use crate::helpers::database::TestDatabase;
use crate::helpers::lessons::Course;
use crate::helpers::program::{Program, no_containers_of};
use crate::helpers::socket::Socket;
use crate::helpers::ways;
use crate::on_each_way;

on_each_way! { iex_is_iex_and_leaves_nothing }

async fn with_containers(way: &str, settings: &[(&str, &str)]) -> (TestApp, Arc<ContainerSandbox>) {
    let sandbox = ContainerSettings { pool_size: 0, max_jobs: 2, ..ways::settings(way) };
    let sandbox = Arc::new(ContainerSandbox::start(sandbox).await.unwrap());
    let shared = sandbox.clone();
    (TestApp::with(TestDatabase::new().await, fake(), move |_| Grading::In(shared), settings).await, sandbox)
}

async fn stop(app: TestApp, sandbox: &ContainerSandbox) {
    app.stop().await.drop_it().await;
    assert_eq!(sandbox.containers().await.unwrap(), Vec::<String>::new());
}

async fn open(browser: &Browser, path: &str, form: &[(&str, &str)]) -> (String, Socket) {
    browser.get("/lessons/numbers").await;
    let answer = browser.post_for_json(path, form).await;
    let location = answer.json::<Value>().await.unwrap()["location"].as_str().expect("a place").to_owned();
    let socket = Socket::open(browser, &format!("{location}/socket")).await;
    (location, socket)
}

async fn with_code(browser: &Browser, code: &str) -> Socket {
    let (_, mut socket) = open(browser, "/exercises/double/console", &[("source", code)]).await;
    let beginning = socket.until_prompt().await;
    assert!(beginning.ends_with("h() shows help.\niex(1)> "), "{beginning}");
    socket
}

const CODE: &str = "defmodule Double do\n  @doc \"Twice as much.\"\n  def of(n), do: n * 2\nend\n";

async fn iex_is_iex_and_leaves_nothing(way: &str) {
    let (app, sandbox) = with_containers(way, &[]).await;
    let learner = app.browser();
    let mut iex = with_code(&learner, CODE).await;
    for (typed, shown) in [
        ("Double.of(21)", "Double.of(21)\n42\niex(2)> "),
        ("x = 1 +", "x = 1 +\n...(2)> "),
        ("41", "41\n42\niex(3)> "),
        ("import String", "import String\nString\niex(4)> "),
        ("alias Double, as: D", "alias Double, as: D\nDouble\niex(5)> "),
        ("upcase(\"é#{x}\")", "upcase(\"é#{x}\")\n\"É42\"\niex(6)> "),
        ("D.of(x)", "D.of(x)\n84\niex(7)> "),
        ("v(1)", "v(1)\n42\niex(8)> "),
        // Of several lines each is taken at its own prompt.
        ("defmodule A do\n  def b, do: IO.puts(\"out\")\nend; A.b()", "defmodule A do\n...(8)> "),
    ] {
        assert_eq!(iex.type_in(typed).await, shown);
    }
    assert_eq!(iex.until_prompt().await, "  def b, do: IO.puts(\"out\")\n...(8)> ");
    assert_eq!(iex.until_prompt().await, "end; A.b()\nout\n:ok\niex(9)> ");
    assert_eq!(iex.type_in("name = IO.gets(\"Who? \")").await, "name = IO.gets(\"Who? \")\nWho? ");
    assert_eq!(iex.type_in("Ada").await, "Ada\n\"Ada\\n\"\niex(10)> ");
    let raised = iex.type_in("raise \"boom\"").await;
    assert!(raised.contains("** (RuntimeError) boom") && raised.ends_with("iex(10)> "), "{raised}");
    let undefined = iex.type_in("y").await;
    assert!(undefined.contains("undefined variable \"y\""), "{undefined}");
    let help = iex.type_in("h Double.of").await;
    assert!(help.contains("Twice as much."), "{help}");
    let help = iex.type_in("h Enum.map").await;
    assert!(help.contains("def map(enumerable, fun)"), "{help}");
    // Who is down has printed: no clock decides what comes first.
    let beside = "pid = spawn(fn -> IO.puts(\"by \" <> \"another\") end); ref = Process.monitor(pid); \
                  receive do {:DOWN, ^ref, _, _, _} -> Process.alive?(pid) end";
    let beside = iex.type_in(beside).await;
    assert!(beside.contains("by another\nfalse\n"), "what others print is seen: {beside}");
    // An expression that is not complete is dropped, and its variables are still there.
    assert!(iex.type_in("[1,").await.ends_with("...(13)> "));
    iex.send(json!({ "op": "interrupt" })).await;
    assert_eq!(iex.until_prompt().await, "** (EXIT) interrupted\niex(13)> ");
    assert!(iex.type_in("x").await.contains("\n42\n"));
    // What runs is stopped.
    iex.send(json!({ "op": "lines", "text": "IO.puts(\"begun\"); Stream.cycle([1]) |> Enum.each(fn _ -> nil end)" }))
        .await;
    iex.until_shown("begun").await;
    iex.send(json!({ "op": "interrupt" })).await;
    let interrupted = iex.until_prompt().await;
    assert!(
        interrupted.contains("interrupted") && interrupted.contains("variables and imports are gone"),
        "{interrupted}"
    );
    assert!(iex.type_in("Double.of(2)").await.contains("\n4\n"), "modules are still here");
    iex.send(json!({ "op": "close" })).await;
    assert_eq!(iex.until_ended().await, "closed");
    stop(app, &sandbox).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn docker_code_that_does_not_compile_is_shown_and_an_example_is_typed() {
    let (app, sandbox) = with_containers("docker/runc", &[]).await;
    let learner = app.browser();
    let iex = |code: &'static str| {
        let learner = learner.clone();
        async move {
            let (_, mut socket) = open(&learner, "/exercises/double/console", &[("source", code)]).await;
            (socket.until_prompt().await, socket)
        }
    };
    let (said, mut socket) = iex("defmodule Double do\n  def of(n), do: m * 2\nend").await;
    assert!(said.contains("undefined variable \"m\"") && said.contains("solution.ex:2"), "{said}");
    assert!(said.contains("does not compile, so nothing of it is here"), "{said}");
    assert_eq!(socket.type_in("1").await, "1\n1\niex(2)> ", "it opens all the same");
    let (said, _) = iex("defmodule Double do\n  def of(n, do: n\nend").await;
    assert!(said.contains("solution.ex"), "{said}");
    let (said, _) = iex("").await;
    assert!(said.ends_with("h() shows help.\niex(1)> "), "{said}");
    let (_, mut socket) = open(&learner, "/lessons/numbers/blocks/1/console", &[]).await;
    let mut shown = String::new();
    while !shown.contains("\n42\n") {
        shown += &socket.until_prompt().await;
    }
    assert!(shown.contains("a = 20\n20\n") && shown.contains("<b>hi</b>\n:ok\n"), "{shown}");
    stop(app, &sandbox).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn docker_what_prints_or_runs_without_end_is_interrupted_and_the_console_goes_on() {
    let settings = [
        ("ATHANOR_CONSOLE_EVALUATION_OUTPUT_BYTES", "8192"),
        ("ATHANOR_CONSOLE_EVALUATION_MS", "1500"),
        ("ATHANOR_CONSOLE_OUTPUT_BYTES", "40000"),
    ];
    let (app, sandbox) = with_containers("docker/runc", &settings).await;
    let learner = app.browser();
    let mut iex = with_code(&learner, CODE).await;
    let flood = iex.type_in("Stream.cycle([1]) |> Enum.each(&IO.puts/1)").await;
    assert!(flood.contains("More than 8 KiB were printed: the rest is not shown"), "{flood}");
    assert!(flood.len() < 40_000, "{} bytes", flood.len());
    assert!(iex.type_in("1 + 1").await.contains("\n2\n"));
    let endless = iex.type_in("Stream.cycle([1]) |> Enum.each(fn _ -> nil end)").await;
    assert!(endless.contains("longer than 1 seconds") && endless.contains("interrupted"), "{endless}");
    assert!(iex.type_in("Double.of(3)").await.contains("\n6\n"));
    // Output that is within its limit each time ends the console in the end.
    let mut ended = None;
    for _ in 0..20 {
        iex.send(json!({ "op": "lines", "text": "IO.puts(String.duplicate(\"x\", 8000))" })).await;
        ended = iex.prompt_or_end().await;
        if ended.is_some() {
            break;
        }
    }
    assert_eq!(ended.as_deref(), Some("output"));
    // Nor can a process beside it flood anybody.
    let mut iex = with_code(&learner, CODE).await;
    iex.send(json!({ "op": "lines", "text": "spawn(fn -> Stream.cycle([String.duplicate(\"x\", 10_000)]) |> Enum.each(&IO.puts/1) end)" })).await;
    assert_eq!(iex.until_ended().await, "output");
    let kept: i64 = sqlx::query_scalar("select coalesce(sum(length(text)), 0) from console_pieces")
        .fetch_one(&app.database.pool)
        .await
        .unwrap();
    assert!(kept < 200_000, "{kept} bytes are kept of it all");
    stop(app, &sandbox).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn docker_a_vm_that_halts_or_takes_too_much_memory_ends_the_console_and_reaches_nobody() {
    let (app, sandbox) = with_containers("docker/runc", &[]).await;
    let learner = app.browser();
    for (typed, reason) in [
        ("System.halt()", "halted"),
        ("Process.whereis(:athanor_shell) |> Process.exit(:kill)", "halted"),
        (":binary.copy(<<0>>, 400_000_000) |> byte_size()", "memory"),
        ("for name <- [:user, :standard_error], do: Process.exit(Process.whereis(name), :kill)", "halted"),
    ] {
        let mut iex = with_code(&learner, CODE).await;
        iex.send(json!({ "op": "lines", "text": typed })).await;
        assert_eq!(iex.until_ended().await, reason, "{typed}");
    }
    let mut iex = with_code(&learner, CODE).await;
    for (typed, shown) in [
        (":gen_tcp.connect({127, 0, 0, 1}, 80, [])", "{:error, "),
        ("File.write(\"/athanor/x\", \"x\")", "{:error, :erofs}"),
        ("File.ls!(\"/tmp\") |> Enum.sort()", "[\"ebin\", \"solution.ex\"]"),
        ("System.get_env() |> Map.keys() |> Enum.filter(&String.contains?(&1, \"ATHANOR\"))", "[]"),
        // Whatever code says on the channel, only its own reader hears.
        ("Port.list() |> Enum.each(&(Port.command(&1, \"oforged\\n\")))", ":ok"),
    ] {
        let said = iex.type_in(typed).await;
        assert!(said.contains(shown), "{typed}: {said}");
    }
    assert!(!iex.type_in("File.read!(\"solution.ex\")").await.contains("n.abs"), "nothing but the learner's own code");
    drop(iex);
    stop(app, &sandbox).await;
}

/// A site and a worker in processes of their own, on one database.
async fn split(settings: &[(&str, &str)], database: &TestDatabase, course: &Course) -> (Program, Program) {
    let url = database.url();
    let all: Vec<(&str, &str)> = settings.iter().copied().chain([("DATABASE_URL", url.as_str())]).collect();
    let site = ["serve", "--no-worker", "--listen", "127.0.0.1:0", "--lessons", course.path()];
    (Program::start(&site, &all).await, Program::start(&["worker"], &all).await)
}

const SPLIT: [(&str, &str); 3] =
    [("ATHANOR_LEASE_MS", "1500"), ("ATHANOR_PROGRAMS", "off"), ("ATHANOR_CONSOLE_GRACE_MS", "1000")];

/// Waits until no container of this worker has IEx in it, as the engine sees it.
async fn until_gone(pid: u32) {
    let gone = async {
        loop {
            let listed = Command::new("docker")
                .args(["ps", "--all", "--no-trunc", "--filter", "label=athanor.worker"])
                .args(["--format", r#"{{.Label "athanor.worker"}} {{.Command}}"#])
                .output()
                .expect("docker");
            let listed = String::from_utf8_lossy(&listed.stdout).into_owned();
            if !listed.lines().any(|line| line.starts_with(&format!("{pid}.")) && line.contains("iex/ebin")) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(PATIENCE, gone).await.expect("no container with IEx");
}

#[tokio::test]
async fn docker_a_worker_that_is_killed_loses_its_consoles_says_so_and_leaves_no_container() {
    let (database, course) = (TestDatabase::new().await, Course::new());
    let (site, worker) = split(&SPLIT, &database, &course).await;
    let pid = worker.pid();
    let learner = Browser::new(&site.address);
    let mut iex = with_code(&learner, CODE).await;
    assert!(iex.type_in("Double.of(4)").await.contains("\n8\n"));
    worker.kill();
    assert_eq!(iex.until_ended().await, "lost");
    let url = database.url();
    let all: Vec<(&str, &str)> = SPLIT.into_iter().chain([("DATABASE_URL", url.as_str())]).collect();
    let next = Program::start(&["worker"], &all).await;
    let next_pid = next.pid();
    let mut iex = with_code(&learner, CODE).await;
    assert!(iex.type_in("Double.of(5)").await.contains("\n10\n"), "a new one is had");
    until_gone(pid).await;
    next.stop().await;
    assert_eq!(iex.until_ended().await, "lost");
    site.stop().await;
    no_containers_of(&[pid, next_pid]);
    database.drop_it().await;
}

#[tokio::test]
async fn docker_a_site_that_is_killed_leaves_no_console_behind() {
    let (database, course) = (TestDatabase::new().await, Course::new());
    let (site, worker) = split(&SPLIT, &database, &course).await;
    let pid = worker.pid();
    let mut iex = with_code(&Browser::new(&site.address), CODE).await;
    assert!(iex.type_in("Double.of(4)").await.contains("\n8\n"));
    site.kill();
    let left = async {
        loop {
            let reason: Option<String> =
                sqlx::query_scalar("select reason from consoles").fetch_one(&database.pool).await.unwrap();
            if let Some(reason) = reason {
                return reason;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    assert_eq!(tokio::time::timeout(PATIENCE, left).await.expect("an end"), "left");
    until_gone(pid).await;
    worker.stop().await;
    no_containers_of(&[pid]);
    database.drop_it().await;
}
