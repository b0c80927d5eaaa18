defmodule Athanor.Harness.Trouble do
  @moduledoc "Exceptions, throws and exits, described without trusting any of the code that they come from."

  alias Athanor.Harness.{Frame, Value}

  @frames 20

  @doc "What the host is told of it."
  def of(:error, reason, stack, limits) do
    exception = Exception.normalize(:error, reason, stack)

    %{
      kind: :error,
      module: module(exception.__struct__),
      message: message(exception, limits),
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
    message = :unicode.characters_to_binary(:io_lib.format("~0tP", [reason, 20]))
    %{kind: :exit, module: nil, message: Frame.cut(message, 1024), stack: []}
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
    Frame.cut(Exception.format_exit(reason), limits.text_bytes)
  catch
    _, _ -> Value.text(reason, limits)
  end

  defp ending(:throw, value, limits), do: Value.text(value, limits)

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
