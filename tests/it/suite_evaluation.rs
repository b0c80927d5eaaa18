//! What evaluating an ExUnit suite shows of its reference.

use athanor::domain::limits::Limits;
use athanor::judge::expected::{self, Evaluation};
use athanor::sandbox::Sandbox as _;
use athanor::sandbox::containers::{ContainerSandbox, ContainerSettings};

use crate::helpers::exunit;

const REFERENCE: &str = r#"
defmodule Target do
  @doc """
      iex> Target.double(2)
      4
  """
  def double(n), do: n * 2
  def half(n), do: n / 2
  def tell(pid), do: send(pid, :told)
  def odd!(n), do: if(rem(n, 2) == 0, do: raise(ArgumentError, "even"), else: n)
end
"#;

/// Every way in which a test may end.
const MANY: &str = r#"
defmodule TargetTest do
  use ExUnit.Case, async: true
  import ExUnit.CaptureIO
  doctest Target

  setup do
    {:ok, n: 21}
  end

  test "compares", %{n: n} do
    assert is_integer(n)
    assert Target.double(n) == 42
  end

  test "compares with a message", %{n: n} do
    assert Target.double(n) == 42, "twice as much"
  end

  test "refutes", do: refute Target.double(1) == 1

  test "is near" do
    assert_in_delta Target.half(1), 0.5, 0.01
  end

  describe "raising" do
    test "raises" do
      assert_raise ArgumentError, fn -> Target.odd!(2) end
    end

    test "matches" do
      assert {:ok, _} = {:ok, Target.odd!(3)}
    end
  end

  test "receives" do
    Target.tell(self())
    assert_receive :told
  end

  for n <- 1..3 do
    test "doubles #{n}" do
      assert Target.double(unquote(n)) == unquote(n) + unquote(n)
    end
  end

  test "prints" do
    assert capture_io(fn -> IO.puts(Target.double(2)) end) == "4\n"
  end

  test "ends in no assertion" do
    assert Target.double(1) == 2
    :ok
  end

  @tag :skip
  test "is not run" do
    flunk("never")
  end
end
"#;

/// Its last assertion holds when it is negated, too.
const EITHER_WAY: &str = r#"
defmodule TargetTest do
  use ExUnit.Case
  import ExUnit.Assertions, except: [refute: 1]
  def refute(_), do: true

  test "doubles" do
    assert Target.double(2) == 4
  end
end
"#;

async fn evaluate(sandbox: &ContainerSandbox, suite: &str) -> Evaluation {
    let tests = exunit::tests(suite, REFERENCE);
    let evaluation = expected::evaluate(sandbox, &tests, Limits::DEFAULT).await.expect("an evaluation");
    assert_eq!(evaluation.problems, []);
    evaluation
}

#[tokio::test(flavor = "multi_thread")]
async fn docker_a_negated_run_shows_that_all_held_again_or_does_not() {
    let settings = ContainerSettings { pool_size: 2, ..ContainerSettings::detect() };
    let sandbox = ContainerSandbox::start(settings).await.expect("a sandbox");
    let many = evaluate(&sandbox, MANY).await;
    assert!(many.steady && many.expected.suite.tests.iter().all(|test| test.canary), "{many:?}");
    assert_eq!(many.expected.suite.tests.len(), 12);
    let either = evaluate(&sandbox, EITHER_WAY).await;
    assert!(!either.steady && !either.expected.suite.tests[0].canary, "{either:?}");
    sandbox.shutdown().await;
}
