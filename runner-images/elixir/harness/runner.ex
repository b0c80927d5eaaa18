defmodule Athanor.Harness.Runner do
  @moduledoc """
  The process of one case: evaluates its steps one after the other, and keeps bindings, imports and aliases between
  them. A step that raises leaves them as they were.
  """

  alias Athanor.Harness.{Trouble, Value}

  @doc "Starts the process of a case."
  def start(output, limits) do
    main = self()

    {pid, monitor} =
      :erlang.spawn_opt(
        fn ->
          Process.group_leader(self(), output)
          loop(main, limits, [], Code.env_for_eval(file: "case", line: 1))
        end,
        [:monitor]
      )

    {pid, monitor}
  end

  @doc "Has it evaluate a step; answers what to wait for."
  def step({pid, monitor}, code) do
    tag = make_ref()
    send(pid, {:athanor_step, tag, code})
    {pid, monitor, tag}
  end

  @doc "Whether the process still lives after such an answer."
  def alive_after?({:died, _}), do: false
  def alive_after?(answer) when answer in [:timeout, :output_exceeded], do: false
  def alive_after?(_), do: true

  @doc "The answer as a frame."
  def answer(answer, frame, output) do
    Map.merge(body(answer), %{case: frame["case"], n: frame["n"], output: output})
  end

  defp body({:value, term, text, us}), do: %{op: :value, term: term, text: text, us: us}
  defp body({:too_large, bytes, us}), do: %{op: :too_large, bytes: bytes, us: us}
  defp body({:raised, raised, us}), do: Map.merge(raised, %{op: :raised, us: us})
  defp body({:died, reason}), do: Map.merge(Trouble.of_death(reason), %{op: :raised, us: 0})
  defp body(:timeout), do: %{op: :timeout, us: 0}
  defp body(:output_exceeded), do: %{op: :output_exceeded}

  # A selective receive: messages that the learner's code sent to itself stay for its next step.
  defp loop(main, limits, binding, env) do
    receive do
      {:athanor_step, tag, code} ->
        started = System.monotonic_time(:microsecond)
        {answer, binding, env} = evaluate(code, binding, env, limits)
        us = System.monotonic_time(:microsecond) - started
        send(main, {tag, Tuple.insert_at(answer, tuple_size(answer), us)})
        loop(main, limits, binding, env)
    end
  end

  defp evaluate(code, binding, env, limits) do
    # The compiler's remarks on a lesson's expressions are not for the learner.
    {result, diagnostics} = Code.with_diagnostics(fn -> attempt(code, binding, env) end)

    case result do
      {:ok, value, binding, env} -> {Value.describe(value, limits), binding, env}
      {:raised, kind, reason, stack} -> {{:raised, trouble(kind, reason, stack, diagnostics, limits)}, binding, env}
    end
  end

  # The exception only says that errors were logged; here they are.
  defp trouble(kind, %CompileError{} = reason, stack, diagnostics, limits) do
    case Enum.find(diagnostics, &(&1.severity == :error)) do
      %{message: message} -> Trouble.of(kind, %{reason | file: nil, line: nil, description: message}, stack, limits)
      nil -> Trouble.of(kind, reason, stack, limits)
    end
  end

  defp trouble(kind, reason, stack, _diagnostics, limits), do: Trouble.of(kind, reason, stack, limits)

  defp attempt(code, binding, env) do
    quoted = Code.string_to_quoted!(code, file: env.file, line: 1)
    {value, binding, env} = Code.eval_quoted_with_env(quoted, binding, env)
    {:ok, value, binding, env}
  catch
    kind, reason -> {:raised, kind, reason, __STACKTRACE__}
  end

end
