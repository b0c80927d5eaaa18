defmodule Athanor.Harness.Formatter do
  @moduledoc "Hears from ExUnit how each test ended, and passes it on."

  use GenServer

  alias Athanor.Harness.{Frame, Trouble, Value}

  @impl true
  def init(options), do: {:ok, Keyword.fetch!(options, :athanor)}

  @impl true
  def handle_cast({:test_finished, test}, state) do
    code = Map.get(state.codes, test.tags.line)
    send(state.main, {state.tag, {:test, describe(test, code, state.limits)}})
    {:noreply, state}
  end

  def handle_cast(_, state), do: {:noreply, state}

  defp describe(test, code, limits) do
    %{
      op: :test,
      name: Frame.cut(Atom.to_string(test.name), 1024),
      describe: text(test.tags[:describe]),
      module: Trouble.module(test.module),
      doctest: test.tags[:test_type] == :doctest,
      task_id: integer(test.tags[:task_id]),
      line: integer(test.tags[:line]),
      code: code && Frame.cut(code, limits.text_bytes),
      us: test.time
    }
    |> Map.merge(outcome(test.state, limits))
  end

  defp outcome(nil, _), do: %{outcome: :passed}
  defp outcome({:skipped, _}, _), do: %{outcome: :skipped}
  defp outcome({:excluded, _}, _), do: %{outcome: :skipped}

  defp outcome({:invalid, %{state: {:failed, [failure | _]}}}, limits), do: failed(failure, limits)
  defp outcome({:invalid, _}, limits), do: failed({:error, %RuntimeError{message: "setup_all failed"}, []}, limits)
  defp outcome({:failed, [failure | _]}, limits), do: failed(failure, limits)
  defp outcome(_, limits), do: failed({:error, %RuntimeError{message: "the test ended in a strange way"}, []}, limits)

  defp failed({:error, %ExUnit.TimeoutError{}, _stack}, _limits), do: %{outcome: :timeout}

  defp failed({:error, %ExUnit.AssertionError{} = error, stack}, limits) do
    {expected, actual} = sides(error, limits)

    failure = %{
      kind: :error,
      module: "ExUnit.AssertionError",
      message: message(error, expected, limits),
      stack: Trouble.stack(stack),
      code: code(error.expr, limits),
      expected: expected,
      actual: actual
    }

    %{outcome: :failed, failure: failure}
  end

  # What a linked process or a spawned one ended with comes as an exit of a tuple.
  defp failed({{:EXIT, _pid}, reason, stack}, limits), do: failed({:exit, reason, stack}, limits)

  defp failed({kind, reason, stack}, limits),
    do: %{outcome: :failed, failure: Map.merge(Trouble.of(kind, reason, stack, limits), %{code: nil, expected: nil, actual: nil})}

  # By custom what is expected stands on the right; where only the left side is a literal, it is that one.
  defp sides(%{expr: {:assert, _, [{operator, _, [left, right]} | _]}} = error, limits) when operator in [:==, :===] do
    shown = {value(error.left, limits), value(error.right, limits)}
    if written_out?(left) and not written_out?(right), do: shown, else: {elem(shown, 1), elem(shown, 0)}
  end

  defp sides(%{expr: {:assert, _, [{:=, _, [pattern, _]} | _]}} = error, limits),
    do: {code(pattern, limits), value(error.right, limits)}

  defp sides(_error, _limits), do: {nil, nil}

  # What calls nothing is what is expected.
  defp written_out?({name, _, arguments}) when is_atom(name) and is_list(arguments) do
    (name in [:-, :+] and length(arguments) == 1) or name in [:{}, :%{}, :%, :<<>>, :__aliases__, :@] or
      String.starts_with?(Atom.to_string(name), "sigil_")
  end

  defp written_out?({_, _, _}), do: false
  defp written_out?({left, right}), do: written_out?(left) and written_out?(right)
  defp written_out?(list) when is_list(list), do: Enum.all?(list, &written_out?/1)
  defp written_out?(_), do: true

  defp message(error, nil, limits) do
    sides = for {name, side} <- [left: error.left, right: error.right], shown = value(side, limits), do: "\n#{name}: #{shown}"
    Frame.cut(text(error.message) <> Enum.join(sides), limits.text_bytes)
  end

  defp message(error, _expected, limits), do: Frame.cut(text(error.message), limits.text_bytes)

  defp value(value, limits), do: if(value != ExUnit.AssertionError.no_value(), do: Value.text(value, limits))

  defp code(expression, limits) do
    if expression != ExUnit.AssertionError.no_value(), do: expression |> Macro.to_string() |> Frame.cut(limits.text_bytes)
  catch
    _, _ -> nil
  end

  defp text(text) when is_binary(text), do: text
  defp text(nil), do: nil
  defp text(_), do: ""

  defp integer(number) when is_integer(number) and abs(number) < 1_000_000_000, do: number
  defp integer(_), do: nil
end
