defmodule Athanor.Harness.Value do
  @moduledoc "A value in the two forms the host wants: a term to compare and a text to read."

  alias Athanor.Harness.Frame

  @doc "Both forms, or how large the term is when that is too large."
  def describe(value, limits) do
    case :erlang.external_size(value) do
      size when size > limits.term_bytes ->
        {:too_large, size}

      _ ->
        term = :erlang.term_to_binary(value, [:deterministic])
        {:value, Base.encode64(term), text(value, limits)}
    end
  end

  @doc "The value as text, whatever a learner's Inspect does."
  def text(value, limits) do
    value |> shown([], limits) |> Frame.cut(limits.text_bytes)
  catch
    _, _ -> plain(value, limits)
  end

  defp plain(value, limits) do
    value |> shown([structs: false], limits) |> Frame.cut(limits.text_bytes)
  catch
    _, _ -> "(cannot be shown)"
  end

  # Every element and every character is at least one byte of text. So this limit never shows in a text that is
  # short enough to be kept, and a large value does not cost the memory of its whole text.
  defp shown(value, options, limits) do
    inspect(
      value,
      [
        limit: limits.text_bytes + 1,
        printable_limit: limits.text_bytes + 1,
        custom_options: [sort_maps: true]
      ] ++ options
    )
  end
end
