defmodule Athanor.Harness.WarmUp do
  @moduledoc """
  One small job before the first real one, so that its code is loaded: the compiler, the evaluator, `inspect`, a group
  leader, diagnostics and an exception with its stack.
  """

  alias Athanor.Harness.{Compile, Frame, Output, Runner}

  @source """
  defmodule Athanor.Warm do
    def add(a, b) when is_integer(a), do: a + b
    def map([], _), do: []
    def map([head | tail], f), do: [f.(head) | map(tail, f)]
    def boom(unused), do: raise(ArgumentError, "boom \#{inspect(%{a: 1})}")
  end
  """

  @steps [
    "Athanor.Warm.map([1, 2], &(&1 + 1))",
    "x = %{a: {1, \"two\", :three, 4.0}}",
    "IO.puts(inspect(x)); Enum.map(1..3, &String.upcase(\"a\#{&1}\"))",
    "Athanor.Warm.boom(1)"
  ]

  # What learners' first programs use beside that. Compiled only when the image is built, to find out what it takes.
  @common """
  defmodule Athanor.Warm do
    @moduledoc false
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
    "Athanor.Warm.sum([1, 2.5])",
    "Athanor.Warm.pairs(a: 1)",
    "Athanor.Warm.pick(%{a: 1}, :a)",
    "{Athanor.Warm.grade(12), Athanor.Warm.first(\"x\"), Athanor.Warm.kind(\"a b\"), Athanor.Warm.kind([])}",
    "inspect(%Athanor.Warm{name: ~c\"x\", tags: MapSet.new([1])})",
    "[1, 2] |> Stream.map(& &1) |> Enum.sort()",
    "Athanor.Warm.first(1)",
    "Athanor.Warm.nowhere(1)",
    "1 = Enum.at([2], 0)",
    "undefined_variable"
  ]

  @doc "Runs the small job."
  def run, do: run(@source, @steps)

  @doc "Runs what is common: the modules that this loads are worth having in the boot file."
  def run_common, do: run(@common, @common_steps)

  defp run(source, steps) do
    limits = %{kept_output_bytes: 1024, term_bytes: 1024, text_bytes: 1024}
    output = Output.start(self(), limits, 1_000_000)
    source = %{"file" => "warm.ex", "text" => source}
    load = %{"lang" => "elixir", "support" => [], "source" => [source]}
    wait(Compile.start(load, output)) |> Compile.answer(Output.take(output)) |> Frame.encode()
    {pid, _} = runner = Runner.start(output, limits)

    for code <- steps do
      wait(Runner.step(runner, code))
      |> Runner.answer(%{"case" => 0, "n" => 0}, Output.take(output))
      |> Frame.encode()
    end

    Process.exit(pid, :kill)
    Output.stop(output, 0)
    :code.purge(Athanor.Warm)
    :code.delete(Athanor.Warm)
    :code.purge(Athanor.Warm)
  end

  defp wait({_pid, monitor, tag}) do
    receive do
      {^tag, answer} -> answer
      {:DOWN, ^monitor, :process, _, reason} -> :erlang.error({:warm_up, reason})
    end
  end
end
