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

  @doc "Runs it."
  def run do
    limits = %{kept_output_bytes: 1024, term_bytes: 1024, text_bytes: 1024}
    output = Output.start(self(), limits, 1_000_000)
    source = %{"file" => "warm.ex", "text" => @source}
    load = %{"lang" => "elixir", "support" => [], "source" => [source]}
    wait(Compile.start(load, output)) |> Compile.answer(Output.take(output)) |> Frame.encode()
    {pid, _} = runner = Runner.start(output, limits)

    for code <- @steps do
      wait(Runner.step(runner, code))
      |> Runner.answer(%{"case" => 0, "n" => 0}, Output.take(output))
      |> Frame.encode()
    end

    Process.exit(pid, :kill)
    Output.stop(output)
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
