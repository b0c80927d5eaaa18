defmodule Athanor.Harness.WarmUp do
  @moduledoc """
  One small job before the first real one: it shows that the container compiles, evaluates and describes. A second compilation
  is a few milliseconds faster than the first; beyond that it speeds up nothing that the boot file has loaded already, and
  costs CPU in every container. So it is as small as can be.

  What is common runs only when the image is built. It finds out which modules jobs take, for the boot file.
  """

  alias Athanor.Harness.{Compile, Frame, Output, Runner, Suite}

  @source "defmodule Athanor.Warm do\n  def add(a, b), do: a + b\nend\n"

  @steps ["Athanor.Warm.add(1, 2)"]

  # What learners' first programs use beside that. Compiled only when the image is built, to find out what it takes.
  @common """
  defmodule Athanor.Warm do
    @moduledoc false
    def add(a, b) when is_integer(a), do: a + b
    def map([], _), do: []
    def map([head | tail], f), do: [f.(head) | map(tail, f)]
    def boom(unused), do: raise(ArgumentError, "boom \#{inspect(%{a: 1})}")
    defstruct name: "", tags: MapSet.new()
    @doc "Adds up."
    @spec sum([number]) :: number
    def sum(list), do: Enum.reduce(list, 0, fn n, total -> n + total end)
    def pairs(list), do: for({k, v} when is_atom(k) <- list, v > 0, into: %{}, do: {k, v})
    def pick(map, key), do: with({:ok, value} <- Map.fetch(map, key), do: {:ok, value * 2})
    def grade(n), do: if(rem(n, 2) == 0 and n > 10, do: :high, else: Integer.to_string(n))
    def first(<<c::utf8, _::binary>>), do: <<c::utf8>>
    def kind(x) do
      cond do
        is_binary(x) -> String.split(x, " ") |> Enum.map(&String.capitalize/1) |> Enum.join("-")
        Keyword.keyword?(x) -> Keyword.get(x, :a, 1)
        true -> try do hd(x) rescue ArgumentError -> nil end
      end
    end
  end
  """

  @common_steps [
    "Athanor.Warm.map([1, 2], &(&1 + 1))",
    "x = %{a: {1, \"two\", :three, 4.0}}",
    "IO.puts(inspect(x)); Enum.map(1..3, &String.upcase(\"a\#{&1}\"))",
    "Athanor.Warm.boom(1)",
    "Athanor.Warm.sum([1, 2.5])",
    "Athanor.Warm.pairs(a: 1)",
    "Athanor.Warm.pick(%{a: 1}, :a)",
    "{Athanor.Warm.grade(12), Athanor.Warm.first(\"x\"), Athanor.Warm.kind(\"a b\"), Athanor.Warm.kind([])}",
    "inspect(%Athanor.Warm{name: ~c\"x\", tags: MapSet.new([1])})",
    "MapSet.new([1, 2]) |> Stream.map(& &1) |> Enum.sort()",
    "Athanor.Warm.first(1)",
    "Athanor.Warm.nowhere(1)",
    "1 = Enum.at([2], 0)",
    "\" a b \" |> String.split() |> Enum.frequencies()",
    "undefined_variable"
  ]

  # Files that do not compile, each in its own way.
  @broken [
    "defmodule Athanor.Warm do\n  def a(x) do\n",
    "defmodule Athanor.Warm do\n  def a(x), do: [x)\nend\n",
    "defmodule Athanor.Warm do\n  def a(x), do: x +* 1\nend\n",
    "defmodule Athanor.Warm do\n  def a(x), do: y\nend\n",
    "defmodule Athanor.Warm do\n  def a(x), do: nowhere(x)\nend\n"
  ]

  @suite """
  defmodule Athanor.WarmTest do
    use ExUnit.Case
    test "adds", do: assert(1 + 1 == 2)
  end
  """

  # As above: what tests use beside that.
  @common_suite """
  defmodule Athanor.WarmTest do
    use ExUnit.Case, async: true
    doctest Athanor.Warm
    setup do: {:ok, one: 1}

    describe "sums" do
      @tag :pending
      test "of one", %{one: one}, do: assert(one == 1)
      test "that are wrong", do: assert(Enum.sum([1, 2]) == 4)
      test "that nearly match", do: assert([_ | 3] = [1, 2])
    end

    test "raises", do: assert_raise(ArgumentError, fn -> raise ArgumentError, "boom" end)
    test "raises nothing", do: assert_raise(ArgumentError, "boom", fn -> :ok end)
    test "is close", do: assert_in_delta(1.0, 1.01, 0.1)
    test "is not", do: refute(nil)
    test "crashes", do: raise("boom")
    test "has a message" do
      send(self(), {:hello, 1})
      assert_receive {:hello, _}
      refute_received :more
    end
    test "prints", do: assert(ExUnit.CaptureIO.capture_io(fn -> IO.puts("a") end) == "a\n")
  end
  """

  @limits %{kept_output_bytes: 1024, term_bytes: 1024, text_bytes: 1024}

  @doc "Runs the small job."
  def run, do: run(@source, @steps)

  @doc "Runs what is common: the modules that this loads are worth having in the boot file."
  def run_common do
    for source <- @broken, do: run(source, [])
    run(@common, @common_steps)
  end

  @doc "Runs a small suite, where tests are what the boot file is for."
  def run_suite, do: suite(@suite)

  @doc "Runs what is common in suites."
  def run_common_suite do
    run(@common, [], true)
    suite(@common_suite)
  end

  defp suite(text) do
    output = Output.start(self(), @limits, 1_000_000)
    slots = for negated <- [false, true, false], do: %{"token" => "0123456789ab", "negated" => negated}
    decoys = [%{"token" => "0123456789cd", "passes" => true}]

    frame = %{
      "files" => [%{"file" => "warm_test.exs", "text" => text}],
      "slots" => slots,
      "decoys" => decoys,
      "seed" => 1,
      "timeout_ms" => 2000,
      "code" => true
    }

    hear(Suite.start(frame, output, @limits), output)
    # Stopping an application is worth a note to OTP's logger, and none to whoever reads what a submission printed.
    :logger.set_primary_config(:level, :none)
    Application.stop(:ex_unit)
    :logger.set_primary_config(:level, :notice)
    Output.stop(output, 0)
    forget(Athanor.WarmTest)
  end

  defp hear(worker, output) do
    case wait(worker) do
      {:test, test} ->
        Frame.encode(Map.put(test, :output, Output.take(output, test.name)))
        hear(worker, output)

      {:done, total} ->
        Frame.encode(%{op: :suite_done, total: total})
    end
  end

  defp run(source, steps, beams? \\ false) do
    limits = @limits
    output = Output.start(self(), limits, 1_000_000)
    source = %{"file" => "warm.ex", "text" => source}
    load = %{"lang" => "elixir", "support" => [], "source" => [source], "beams" => beams?}
    wait(Compile.start(load, output)) |> Compile.answer(Output.take(output)) |> Frame.encode()
    {pid, _} = runner = Runner.start(output, limits)

    for code <- steps do
      wait(Runner.step(runner, code))
      |> Runner.answer(%{"case" => 0, "n" => 0}, Output.take(output))
      |> Frame.encode()
    end

    Process.exit(pid, :kill)
    Output.stop(output, 0)
    forget(Athanor.Warm)
  end

  defp forget(module) do
    :code.purge(module)
    :code.delete(module)
    :code.purge(module)
  end

  defp wait({_pid, monitor, tag}) do
    receive do
      {^tag, answer} -> answer
      {:DOWN, ^monitor, :process, _, reason} -> :erlang.error({:warm_up, reason})
    end
  end
end
