//! Exercises that need packages run in an image that has them, and where it is missing nobody else notices.

use athanor::domain::ids::ImageName;
use athanor::domain::job::Job;
use athanor::domain::report::{Load, StepOutcome};
use athanor::sandbox::containers::{ContainerSandbox, ContainerSettings};
use athanor::sandbox::{EventSink, Sandbox, SandboxError};

use crate::cli::{Course, athanor, code, lines};
use crate::helpers::ways::settings;
use crate::sandbox_contract::job;

/// It compiles only where there is NimbleParsec.
const PARSER: &str = "defmodule Release do
  import NimbleParsec
  defparsec :parse, integer(min: 1) |> ignore(string(\".\")) |> integer(min: 1)
end
";

async fn a_job_gets_the_packages_that_its_exercise_asks_for(way: &str) {
    let sandbox = ContainerSandbox::start(ContainerSettings { pool_size: 0, ..settings(way) }).await.unwrap();
    let parse = |image: Option<&str>| {
        let image = image.map(|name| ImageName::parse(name).unwrap());
        Job { image, ..job(PARSER, &[&["elem(Release.parse(\"1.18\"), 1)"]]) }
    };
    let none = EventSink::none();
    let report = sandbox.run(parse(Some("parsec")), &none).await.unwrap();
    let StepOutcome::Value { text, .. } = &report.cases[0].steps[0].outcome else { panic!("{report:?}") };
    assert_eq!(text, "[1, 18]");
    let report = sandbox.run(parse(None), &none).await.unwrap();
    assert!(matches!(report.load, Some(Load::Refused { .. })), "the usual image does not have it: {report:?}");
    let missing = sandbox.run(parse(Some("nobody-has-this")), &none).await.unwrap_err();
    assert!(matches!(missing, SandboxError::Packages { .. }), "{missing}");
    assert!(sandbox.status().healthy, "one exercise's image is not the machine's health");
    let parsec = ImageName::parse("parsec").unwrap();
    assert_ne!(sandbox.digest_of(Some(&parsec)).await.unwrap(), sandbox.image_digest());
    sandbox.shutdown().await;
    assert_eq!(sandbox.containers().await, Ok(Vec::new()));
}

crate::on_each_way! { @way docker_runc = "docker/runc": a_job_gets_the_packages_that_its_exercise_asks_for }
crate::on_each_way! { @way oci_runc = "oci/runc": a_job_gets_the_packages_that_its_exercise_asks_for }

const LESSON: &str = "---
title: Parsers
---
<!-- exercise: release image=parsec -->
### A release

```elixir starter
defmodule Release do
  def numbers(_text), do: nil
end
```

```elixir test
iex> Release.numbers(\"1.18\")
[1, 18]
```

```elixir solution
defmodule Release do
  import NimbleParsec

  defparsecp(:parse, integer(min: 1) |> ignore(string(\".\")) |> integer(min: 1))

  def numbers(text) do
    {:ok, numbers, _, _, _, _} = parse(text)
    numbers
  end
end
```
<!-- /exercise -->

<!-- exercise: nobody image=nobody-has-this -->
### Nobody's

```elixir test
iex> One.one()
1
```

```elixir solution
defmodule One do
  def one, do: 1
end
```
<!-- /exercise -->
";

#[test]
fn docker_check_runs_an_exercise_in_its_image_and_says_at_its_place_that_one_is_missing() {
    let course = Course::new();
    let file = course.file("02-second/01-parsers.md", LESSON);
    let output = athanor(&["check", "--format", "json", &file]);
    let report = &lines(&output)[0];
    assert_eq!(code(&output), 1, "{report}");
    assert_eq!(report["exercises"][0]["reference"], "passed", "{report}");
    let problem = &report["problems"][0];
    let line = LESSON.lines().position(|line| line.contains("nobody-has-this")).map(|line| line + 1);
    assert_eq!((problem["code"].as_str(), problem["line"].as_u64()), (Some("no-image"), line.map(|line| line as u64)));
    assert_eq!(report["problems"].as_array().map(Vec::len), Some(1), "{report}");
    let output = athanor(&["check", &course.file("02-second/01-parsers.md", LESSON.replace("=parsec", "=Parsec!"))]);
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(said.contains("01-parsers.md:4:") && said.contains("image=parsec"), "{said}");
}
