defmodule Athanor.Harness.Erlang do
  @moduledoc "Compiles and loads files in Erlang. What it says of them is in the words of erlc."

  @folder "/tmp"

  @doc "Whether a file of a job is in Erlang."
  def source?(%{"file" => file}), do: Path.extname(file) in [".erl", ".hrl"]

  @doc "All modules of these files; they may include each other's headers."
  def load(sources) do
    File.cd!(@folder)
    files = for %{"file" => file, "text" => text} <- sources, do: {Path.basename(file), text}
    for {file, text} <- files, do: File.write!(file, text)
    parts = for {file, text} <- files, Path.extname(file) == ".erl", part <- modules(text), do: {file, part}

    compiled =
      for {file, part} <- parts do
        File.write!(file, part)
        compile(file)
      end

    remarks = Enum.flat_map(compiled, &elem(&1, 1))

    with false <- Enum.any?(remarks, &(&1.severity == :error)),
         {:ok, loaded} <- load_all(for({{:ok, module, binary, file}, _} <- compiled, do: {module, binary, file})) do
      {:ok, loaded, remarks}
    else
      true -> {:refused, remarks}
      {:refused, more} -> {:refused, remarks ++ more}
    end
  after
    for source <- sources, do: File.rm(Path.join(@folder, Path.basename(source["file"])))
  end

  # A text may hold several modules. Each keeps its lines, because what stands before it is left blank.
  defp modules(text) do
    lines = String.split(text, "\n")

    case for({line, at} <- Enum.with_index(lines), line =~ ~r/^\s*-\s*module\s*\(/, do: at) do
      [_, _ | _] = starts ->
        [_ | rest] = starts
        for {from, to} <- Enum.zip([0 | rest], rest ++ [length(lines)]), do: stretch(lines, from, to)

      _ ->
        [text]
    end
  end

  defp stretch(lines, from, to), do: String.duplicate("\n", from) <> Enum.join(Enum.slice(lines, from, to - from), "\n") <> "\n"

  defp compile(file) do
    options = [:binary, :return_errors, :return_warnings, :debug_info, {:i, String.to_charlist(@folder)}]

    case :compile.file(String.to_charlist(file), options) do
      {:ok, module, binary, warnings} -> {{:ok, module, binary, file}, remarks(:warning, warnings)}
      {:error, errors, warnings} -> {:error, remarks(:error, errors) ++ remarks(:warning, warnings)}
    end
  end

  defp remarks(severity, by_file) do
    for {file, remarks} <- by_file, remark <- remarks do
      {position, module, about} =
        case remark do
          {position, module, about} -> {position, module, about}
          {module, about} -> {nil, module, about}
        end

      remark(severity, to_string(file), position, IO.chardata_to_string(module.format_error(about)))
    end
  end

  defp remark(severity, file, position, message) do
    %{severity: severity, file: file, position: position(position), message: message, span: nil, stacktrace: []}
  end

  defp position({_line, _column} = position), do: position
  defp position(line) when is_integer(line), do: line
  defp position(_), do: nil

  defp load_all(modules) do
    Enum.reduce_while(modules, {:ok, []}, fn {module, binary, file}, {:ok, loaded} ->
      case :code.load_binary(module, String.to_charlist(file), binary) do
        {:module, module} -> {:cont, {:ok, [{module, binary} | loaded]}}
        {:error, reason} -> {:halt, {:refused, [remark(:error, file, nil, not_loaded(module, reason))]}}
      end
    end)
  end

  defp not_loaded(module, :sticky_directory), do: "the module #{module} belongs to Erlang itself and cannot be replaced"
  defp not_loaded(module, :on_load_failure), do: "the on_load function of the module #{module} failed"
  defp not_loaded(module, reason), do: "the module #{module} cannot be loaded: #{:io_lib.format("~0tp", [reason])}"
end
