# Prints, as JSON, what the editor completes: modules with their functions, each with its arity, its signature and the
# first sentence of its documentation. `bin/lib/bundle.mjs` runs it.

defmodule Completions do
  @modules [Kernel, Enum, String, Map, List]
  @longest 160

  def print do
    # Whatever the locale is.
    :ok = :io.setopts(:standard_io, encoding: :utf8)
    @modules |> Map.new(&{inspect(&1), module(&1)}) |> JSON.encode!() |> IO.puts()
  end

  defp module(module) do
    {:docs_v1, _, _, _, words, _, docs} = Code.fetch_docs(module)

    functions =
      for {{kind, name, arity}, _, [signature | _], %{} = words, metadata} <- docs,
          kind in [:function, :macro],
          metadata[:deprecated] == nil,
          Macro.classify_atom(name) == :identifier do
        [name, arity, signature, first(words)]
      end

    %{words: first(words), functions: functions}
  end

  # Its first sentence, without the marks of Markdown.
  defp first(%{"en" => words}) do
    [paragraph | _] = String.split(words, "\n\n", parts: 2)
    paragraph = paragraph |> String.replace(~r/\s+/, " ") |> String.replace("`", "") |> String.trim()
    [sentence | _] = Regex.run(~r/^.*?[.:](?= |$)/, paragraph) || [paragraph]
    if String.length(sentence) > @longest, do: String.slice(sentence, 0, @longest) <> "…", else: sentence
  end

  defp first(_), do: ""
end

Completions.print()
