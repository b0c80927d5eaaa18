//! Hidden cases leak nothing to a learner who tries: over real containers, the real site and its live stream.

#![allow(clippy::unwrap_used, reason = "a test ends where something is not as it should be")]

use std::sync::Arc;

use athanor::sandbox::Sandbox;
use athanor::sandbox::containers::{ContainerSandbox, ContainerSettings};
use athanor::startup::Grading;

use crate::helpers::app::fake;
use crate::helpers::{TestApp, TestDatabase};

/// What code that sees a hidden argument says of it, by each way there is to say something. `Leak.of(n)` makes the text, so that
/// the source does not hold it. The argument of the visible case is 2, that of the hidden one -13.
const WAYS: [(&str, &str); 19] = [
    ("prints it", "IO.puts(Leak.of(n))"),
    ("returns it", "Leak.of(n)"),
    ("returns far too much of it", "String.duplicate(Leak.of(n), 100_000)"),
    ("prints too much of it", "for _ <- 1..2_000_000, do: IO.puts(Leak.of(n))"),
    ("raises it", "raise Leak.of(n)"),
    ("raises an exception of its name", "raise Leak.exception(n)"),
    ("throws it", "throw(Leak.of(n))"),
    ("exits with it", "exit(Leak.of(n))"),
    ("has a function of its name fail", "apply(Leak.module(n), :leak, [])"),
    ("writes it to standard error", "IO.puts(:stderr, Leak.of(n))"),
    ("writes it past the VM", "System.cmd(\"/bin/sh\", [\"-c\", \"echo #{Leak.of(n)} >/proc/1/fd/2\"])"),
    ("logs it", "require Logger; Logger.error(Leak.of(n))"),
    ("warns of it", "IO.warn(Leak.of(n))"),
    ("compiles it", "Code.compile_string(\"defmodule L do\\n  def f(x), do: #{Leak.atom(n)}\\nend\")"),
    ("prints it and hangs", "IO.puts(Leak.of(n)); Process.sleep(:infinity)"),
    ("halts with it", "IO.puts(Leak.of(n)); :erlang.halt(to_charlist(Leak.of(n)))"),
    ("writes it to the channel", "Enum.each(Port.list(), fn port -> Port.command(port, Leak.of(n)) end)"),
    (
        "prints it from beside, later",
        "leader = Process.group_leader(); spawn(fn -> for _ <- 1..100, do: (IO.puts(leader, Leak.of(n)); Process.sleep(5)) end); Process.sleep(50)",
    ),
    (
        "takes all memory and prints it",
        "IO.puts(Leak.of(n)); Enum.map(1..100, fn i -> :binary.copy(<<i>>, 10_000_000) end)",
    ),
];

/// Right for the visible case; in the hidden one it says what it sees, and in what comes after it what it saw.
fn source(way: &str) -> String {
    format!(
        "defmodule Leak do
  defexception [:message]
  def of(n), do: \"LEAK\" <> Integer.to_string(n * 1001)
  def atom(n), do: \":leak_\" <> String.replace(of(n), \"-\", \"_\")
  def exception(n), do: %Leak{{message: of(n)}}
  def module(n), do: String.to_atom(\"Elixir.\" <> of(n))
end

defmodule Double do
  def of(2), do: 4

  def of(n) do
    {way}
    n * 3
  end
end
"
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn docker_whatever_code_does_with_a_hidden_case_no_learner_reads_of_it_anywhere() {
    let settings = ContainerSettings { pool_size: 2, max_jobs: 2, ..ContainerSettings::detect() };
    let sandbox: Arc<dyn Sandbox> = Arc::new(ContainerSandbox::start(settings).await.unwrap());
    let grading = sandbox.clone();
    let app = TestApp::with(TestDatabase::new().await, fake(), |_| Grading::In(grading), &[]).await;
    for (what, way) in WAYS {
        let guest = app.browser();
        let id = guest.submit("double", "submit", &source(way)).await;
        // The live stream, from before the verdict to its end, and then everything there is to look at.
        let events = guest.get(&format!("/submissions/{id}/events")).await.text().await.unwrap();
        let seen = guest.verdict(&id).await;
        let mut texts = vec![events, seen.to_string()];
        for page in [
            format!("/submissions/{id}"),
            format!("/lessons/numbers?attempt={id}"),
            "/exercises/double/attempts".to_owned(),
            "/progress".to_owned(),
        ] {
            texts.push(guest.get(&page).await.text().await.unwrap());
        }
        for text in texts {
            // What the source makes of the hidden argument, and the hidden expression. (The source itself is shown.)
            for secret in ["13013", "of(-13)"] {
                assert!(!text.contains(secret), "code that {what}: {secret} in\n{text}");
            }
        }
        assert_eq!(seen["verdict"], "failed", "however a hidden case ended: code that {what}");
        let cases = seen["cases"].as_array().unwrap();
        assert_eq!(
            cases.iter().map(|case| case["outcome"].as_str().unwrap()).collect::<Vec<_>>(),
            ["passed", "failed"]
        );
        let said = cases[1].as_object().unwrap().iter().filter(|(name, value)| {
            !matches!(name.as_str(), "name" | "hidden" | "outcome" | "points") && !value.is_null()
        });
        let said: Vec<_> = said.filter(|(_, value)| !value.as_str().is_some_and(str::is_empty)).collect();
        assert!(said.iter().all(|(_, value)| *value == &serde_json::json!([])), "code that {what}: {said:?}");
    }
    // An instructor sees what happened, so it was there to be leaked.
    let details: i64 = sqlx::query_scalar("select count(*) from case_results where detail::text like '%13013%'")
        .fetch_one(&app.database.pool)
        .await
        .unwrap();
    assert!(details >= 5, "{details} results hold what hidden cases said");
    let database = app.stop().await;
    sandbox.shutdown().await;
    database.drop_it().await;
}
