//! What is said of real values: the texts and terms of the real VM.

use athanor::domain::difference::{self, Mark, Segment, Shown};
use athanor::domain::report::StepOutcome;
use athanor::domain::term::text::{self, FieldOrder};
use athanor::sandbox::containers::{ContainerSandbox, ContainerSettings};
use athanor::sandbox::{EventSink, Sandbox};

use crate::sandbox_contract::job;

const SOURCE: &str = "defmodule Point do
  defstruct [:y, :x]
end
defmodule Secret do
  @derive {Inspect, only: [:a]}
  defstruct [:a, :b]
end
";

/// Terms and texts of expressions, each evaluated in a process of its own.
async fn values(codes: &[&str]) -> Vec<(Vec<u8>, String)> {
    let sandbox =
        ContainerSandbox::start(ContainerSettings { pool_size: 0, ..ContainerSettings::detect() }).await.unwrap();
    let steps: Vec<[&str; 1]> = codes.iter().map(|code| [*code]).collect();
    let cases: Vec<&[&str]> = steps.iter().map(|steps| &steps[..]).collect();
    let mut asked = job(SOURCE, &cases);
    // What is asked is not how long it takes.
    asked.limits.job_ms = 60_000;
    asked.cases.iter_mut().for_each(|case| case.timeout_ms = 20_000);
    let report = sandbox.run(asked, &EventSink::none()).await.unwrap();
    sandbox.shutdown().await;
    let value = |outcome: StepOutcome| match outcome {
        StepOutcome::Value { term, text } => (term, text),
        other => panic!("{other:?}"),
    };
    report.cases.into_iter().map(|mut case| value(case.steps.remove(0).outcome)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn terms_are_written_as_the_vm_writes_them() {
    let codes = [
        "[1, -2, 300, -70_000, 123_456_789_012_345_678_901_234_567_890]",
        "[0.1, 1.0, -2.5, 1.0e30, 1.5e-10, 123456789.0, 0.0001, 9007199254740991.0, 1.0e16]",
        "[:a, :\"b c\", nil, true, Enum, String.Chars, :ok?, :go!, :Name]",
        "\"text \\\" \\\\ \\n \\t \\r \\e #{\"\\#{\"}x} é 日本 \\u200B \\u00A0\"",
        "<<1, 200>>",
        "~c\"letters\\n\"",
        "[[1, 2 | 3], [a: 1, b: [c: 2]], [{:a, 1}, {\"b\", 2}], [{:a, 1, 2}]]",
        "{:ok, {}, {1}}",
        "%{1 => 2, :b => 3, :a => 4, \"k\" => %{x: 1}, {1, 2} => [], 1.5 => 0}",
        "Map.new(1..50, &{&1, &1 * &1})",
        "Map.new(1..50, &{\"key#{&1}\", &1})",
        "%{\"a b\": 1, É: 2, ok?: 3}",
        "MapSet.new([3, 1, 2])",
        "%Point{x: 1, y: {2, \"c\"}}",
        "&Enum.map/2",
    ];
    let fields = FieldOrder::from([("Point", vec!["y", "x"])]);
    for (code, (term, text)) in codes.iter().zip(values(&codes).await) {
        assert_eq!(text::of(&term, &fields, 1 << 20).as_deref(), Some(text.as_str()), "{code}");
    }
}

fn shown(segments: &[Segment]) -> String {
    let mark = |segment: &Segment| match segment.mark {
        Mark::Same => segment.text.clone(),
        Mark::Note => format!("‹{}›", segment.text),
        Mark::Different | Mark::Invisible => format!("«{}»", segment.text),
    };
    segments.iter().map(mark).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_differs_far_into_a_large_value_is_shown() {
    let codes = [
        "Enum.to_list(1..8_000)",
        "Enum.to_list(1..8_000) |> List.replace_at(5_000, :here)",
        "Map.new(1..1_500, &{&1, %Point{x: &1, y: \"text\"}})",
        "Map.new(1..1_500, &{&1, %Point{x: &1, y: if(&1 == 1_400, do: \"other\", else: \"text\")}})",
        "List.duplicate(%Secret{a: 1, b: 2}, 1_200)",
        "List.duplicate(%Secret{a: 1, b: 3}, 1_200)",
    ];
    let values = values(&codes).await;
    let between = |expected: usize, actual: usize| {
        let value = |at: usize| Shown { term: &values[at].0, text: &values[at].1 };
        difference::of_cut_values(value(expected), value(actual))
    };
    let list = between(0, 1).unwrap();
    assert_eq!(
        shown(&list.actual).split_whitespace().collect::<Vec<_>>().join(" "),
        "[‹… 4,998 equal elements …›, 4999, 5000, «:here», 5002, 5003, ‹… 2,997 equal elements …›]"
    );
    let map = between(2, 3).unwrap();
    assert!(shown(&map.actual).contains("1400 => %Point{y: \"«other»\", x: 1400}"), "{}", shown(&map.actual));
    assert_eq!(map.explanation.as_deref(), Some("The only difference is under the key 1400, in the field :y."));
    assert_eq!(between(4, 5), None, "nobody knows how this struct shows itself");
}
