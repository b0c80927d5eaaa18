defmodule Athanor.Harness.Trouble do
  @moduledoc "Exceptions, throws and exits, described without trusting any of the code that they come from."

  alias Athanor.Harness.{Frame, Value}

  @frames 20

  @doc "What the host is told of it."
  def of(:error, reason, stack, limits) do
    exception = Exception.normalize(:error, reason, stack)
    message = message(exception, limits)

    %{
      kind: :error,
      module: module(exception.__struct__),
      message: message,
      help: help(exception, message, stack, limits),
      stack: stack(stack)
    }
  catch
    _, _ -> of(:exit, reason, stack, limits)
  end

  def of(kind, reason, stack, limits) do
    %{kind: kind, module: nil, message: ending(kind, reason, limits), stack: stack(stack)}
  end

  @doc "What the host is told of a process that ended without an answer."
  def of_death(reason) do
    # This runs in the main process, so neither `inspect` nor `to_string`: their protocols may be the learner's by now.
    # Another process may use them, and is not waited for long.
    options = [:monitor, max_heap_size: %{size: 4_000_000, kill: true, error_logger: false}]
    {pid, monitor} = :erlang.spawn_opt(fn -> exit({:athanor_death, death(reason)}) end, options)

    receive do
      {:DOWN, ^monitor, _, _, {:athanor_death, told}} -> told
      {:DOWN, ^monitor, _, _, _} -> plain_death(reason)
    after
      200 ->
        :erlang.demonitor(monitor, [:flush])
        Process.exit(pid, :kill)
        plain_death(reason)
    end
  end

  # What a process that was not caught ends with: what was raised, and where.
  defp death({reason, [{_, _, _, _} | _] = stack}) do
    banner =
      case reason do
        {:nocatch, value} -> Exception.format_banner(:throw, value)
        _ -> Exception.format_banner(:error, Exception.normalize(:error, reason, stack))
      end

    %{kind: :exit, module: nil, message: Frame.cut("a linked process ended: " <> banner, 1024), stack: stack(stack)}
  end

  defp death(:killed), do: %{kind: :exit, module: nil, message: "the process was killed", stack: []}

  defp death(reason),
    do: %{kind: :exit, module: nil, message: Frame.cut(own_lines(Exception.format_exit(reason)), 1024), stack: []}

  defp plain_death({reason, [{_, _, _, _} | _]}), do: plain_death(reason)

  defp plain_death(reason) do
    message = :unicode.characters_to_binary(:io_lib.format("~0tP", [reason, 20]))
    %{kind: :exit, module: nil, message: Frame.cut(message, 1024), stack: []}
  end

  # The message with what Elixir can add to it: arguments, clauses that were tried, names that are near.
  defp help(exception, message, stack, limits) do
    case Exception.blame(:error, exception, stack) do
      {%FunctionClauseError{args: [_ | _]} = blamed, _} ->
        tried = blamed |> with_clauses() |> FunctionClauseError.blame(&inspect/1, &Macro.to_string(&1.node))
        Frame.cut(message <> tried, limits.text_bytes)

      {blamed, _} ->
        message(blamed, limits)
    end
    |> case do
      ^message -> nil
      more -> more
    end
  catch
    _, _ -> nil
  end

  # Elixir reads the clauses of a function from the file of its module, and modules of a submission have none.
  defp with_clauses(%{module: module, function: function, arity: arity} = exception) do
    with %{^module => beam} when is_binary(beam) <- :persistent_term.get({:athanor, :beams}, %{}),
         {:ok, {_, [debug_info: {:debug_info_v1, backend, data}]}} <- :beam_lib.chunks(beam, [:debug_info]),
         {:ok, %{definitions: definitions}} <- backend.debug_info(:elixir_v1, module, data, []),
         {_, kind, _, clauses} <- List.keyfind(definitions, {function, arity}, 0) do
      node = &%{match?: false, node: as_written(&1)}
      clauses = for {_, arguments, guards, _} <- clauses, do: {Enum.map(arguments, node), Enum.map(guards, node)}
      %{exception | kind: kind, clauses: clauses}
    else
      _ -> exception
    end
  end

  @operators %{andalso: :and, orelse: :or, "=:=": :===, "=/=": :!==, "/=": :!=, "=<": :<=}

  defp as_written(expression) do
    Macro.prewalk(expression, fn
      {{:., _, [:erlang, name]}, meta, arguments} -> {Map.get(@operators, name, name), meta, arguments}
      other -> other
    end)
  end

  @doc "A module's name as Elixir writes it; needs no protocol."
  def module(module), do: Frame.cut(Macro.inspect_atom(:literal, module), 255)

  @doc "An exception's message, cut."
  def message(exception, limits) do
    case Exception.message(exception) do
      text when is_binary(text) -> Frame.cut(text, limits.text_bytes)
      other -> Value.text(other, limits)
    end
  catch
    _, _ -> "(the exception's own message/1 failed)"
  end

  defp ending(:exit, reason, limits) do
    Frame.cut(own_lines(Exception.format_exit(reason)), limits.text_bytes)
  catch
    _, _ -> Value.text(reason, limits)
  end

  defp ending(:throw, value, limits), do: Value.text(value, limits)

  # Of a stack inside a message, the lines of Elixir's and Erlang's own code say nothing to a learner.
  defp own_lines(message) do
    message
    |> String.split("\n")
    |> Enum.reject(&(&1 |> String.trim_leading() |> String.starts_with?(["(stdlib ", "(elixir ", "(kernel ", "athanor/"])))
    |> Enum.join("\n")
  end

  @doc "The lines of a stack that lie in files of the job."
  def stack(stack) when is_list(stack) do
    files = :persistent_term.get({:athanor, :files}, [])

    stack
    |> Enum.flat_map(fn
      {module, function, arity, location} when is_list(location) ->
        file = to_string(Keyword.get(location, :file, ""))

        if file in files,
          do: [%{function: name(module, function, arity), file: file, line: Keyword.get(location, :line, 0)}],
          else: []

      _ ->
        []
    end)
    |> Enum.take(@frames)
  catch
    _, _ -> []
  end

  def stack(_), do: []

  defp name(module, function, arguments) when is_list(arguments), do: name(module, function, length(arguments))
  defp name(module, function, arity), do: Frame.cut(Exception.format_mfa(module, function, arity), 255)
end
