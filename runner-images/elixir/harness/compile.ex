defmodule Athanor.Harness.Compile do
  @moduledoc "Compiles and loads the files of a job, support files first."

  alias Athanor.Harness.{Beams, Erlang, Frame, Output, Trouble}

  @diagnostics 100
  @message_bytes 4096

  @doc "Starts compiling; answers what to wait for."
  def start(frame, output) do
    main = self()
    tag = make_ref()
    :persistent_term.put({:athanor, :files}, for(%{"file" => file} <- frame["source"], do: file))

    {pid, monitor} =
      spawn_monitor(fn ->
        Process.group_leader(self(), output)
        started = System.monotonic_time(:microsecond)
        {modules, diagnostics} = compile(frame["support"], frame["source"], frame["beams"])
        send(main, {tag, {modules, diagnostics, System.monotonic_time(:microsecond) - started}})
      end)

    {pid, monitor, tag}
  end

  @doc "The answer as a frame."
  def answer({:ok, modules, diagnostics, us}, output) do
    %{op: :loaded, modules: modules, diagnostics: diagnostics, output: output, us: us}
  end

  def answer({:refused, diagnostics, us}, output),
    do: %{op: :refused, diagnostics: diagnostics, output: output, us: us}

  def answer({nil, diagnostics, us}, output), do: answer({:refused, diagnostics, us}, output)
  def answer({modules, diagnostics, us}, output), do: answer({:ok, modules, diagnostics, us}, output)
  def answer(:output_exceeded, _output), do: %{op: :output_exceeded}

  def answer({:died, reason}, output) do
    message = "the process that compiles it was ended: " <> Trouble.of_death(reason).message
    answer({:refused, [error(message)], 0}, output)
  end

  @doc "What is wrong with tests that do not compile: mostly that they use what the learner has not written."
  def of_tests({diagnostics, file, kind, reason, stack}) do
    diagnostics = remarks(diagnostics)
    if Enum.any?(diagnostics, &(&1.severity == :error)), do: diagnostics, else: [of_exception(file, kind, reason, stack)]
  end

  defp compile(support, sources, beams?) do
    {result, diagnostics} = Code.with_diagnostics(fn -> attempt(support, sources, beams?) end)

    case result do
      {:ok, modules, more} ->
        :persistent_term.put({:athanor, :beams}, Map.new(modules))
        {for({module, _} <- Enum.take(modules, 100), do: Trouble.module(module)), remarks(diagnostics ++ more)}

      {:refused, more} ->
        {nil, remarks(diagnostics ++ more)}

      {:raised, file, kind, reason, stack} ->
        diagnostics = remarks(diagnostics)
        # What the compiler has told already need not be told again by the exception that ends it.
        told? = Enum.any?(diagnostics, &(&1.severity == :error))
        {nil, if(told?, do: diagnostics, else: diagnostics ++ [of_exception(file, kind, reason, stack)])}
    end
  end

  defp attempt(support, sources, beams?) do
    with {:ok, first, warnings} <- one_by_one(support),
         {:ok, rest, more} <- together(sources) do
      if beams? do
        Beams.write(first ++ rest)
        Beams.consolidate(first ++ rest)
      end

      {:ok, first ++ rest, warnings ++ more}
    end
  end

  defp together(sources) do
    case Enum.split_with(sources, &Erlang.source?/1) do
      {[], [_]} -> one_by_one(sources)
      {[], _} -> all_at_once(sources)
      {_, []} -> Erlang.load(sources)
    end
  end

  # Several files may need each other in any order. The compiler that sorts this out reads them from the disk; they are
  # named relative to it, as the job named them.
  defp all_at_once(sources) do
    files = for %{"file" => file} <- sources, do: Path.basename(file)
    File.cd!("/tmp")
    for {%{"text" => text}, file} <- Enum.zip(sources, files), do: File.write!(file, text)

    kept = :ets.new(:kept, [:public])
    # It prints what it returns.
    Output.mute_standard_error(self())

    keep = fn _file, module, binary -> :ets.insert(kept, {module, binary}) end

    case Kernel.ParallelCompiler.compile(files, return_diagnostics: true, each_module: keep) do
      {:ok, _modules, remarks} -> {:ok, :ets.tab2list(kept), warnings(remarks)}
      {:error, errors, remarks} -> {:refused, Enum.reject(errors, &only_an_end?(&1, errors)) ++ warnings(remarks)}
    end
  after
    for %{"file" => file} <- sources, do: File.rm(Path.join("/tmp", Path.basename(file)))
  end

  defp remarks(diagnostics), do: diagnostics |> Enum.take(@diagnostics) |> Enum.map(&diagnostic/1)

  # "Errors have been logged" says nothing where they are given.
  defp only_an_end?(%{message: message}, [_, _ | _]), do: String.contains?(message, "(errors have been logged)")
  defp only_an_end?(_, _), do: false

  defp warnings(remarks), do: remarks.compile_warnings ++ remarks.runtime_warnings

  # The rescue has to be inside `with_diagnostics`: when an exception passes through it, all diagnostics are lost.
  defp one_by_one(files) do
    Enum.reduce_while(files, {:ok, [], []}, fn file, {:ok, modules, warnings} ->
      case one(file) do
        {:ok, added, more} -> {:cont, {:ok, modules ++ added, warnings ++ more}}
        trouble -> {:halt, trouble}
      end
    end)
  end

  defp one(%{"file" => file, "text" => text} = source) do
    if Erlang.source?(source) do
      Erlang.load([source])
    else
      keep_needed(text, file)
      {:ok, Code.compile_string(text, file), []}
    end
  catch
    kind, reason -> {:raised, file, kind, reason, __STACKTRACE__}
  end

  # The compiler and this program need these as they are: without them the VM ends, and nobody is told why.
  @needed ~w(Base Code Enum Exception IO Inspect Inspect.Algebra Kernel Keyword List Macro Macro.Env Map Module Process Protocol
             String System)

  # A look at the text is cheap; only where it finds something is the text parsed.
  defp keep_needed(text, file) do
    if Enum.any?(@needed, &(:binary.match(text, "defmodule " <> &1 <> " do") != :nomatch)) do
      with {:ok, quoted} <- Code.string_to_quoted(text, file: file, columns: true, emit_warnings: false) do
        for {:defmodule, _, [{:__aliases__, meta, parts}, _]} <- expressions(quoted),
            name = Enum.map_join(parts, ".", &to_string/1),
            name in @needed do
          description =
            "#{name} is a module of Elixir itself, which the compiler needs as it is. " <>
              "Give yours another name, or define it inside of another module."

          raise CompileError, file: file, line: meta[:line], description: description
        end
      end
    end
  end

  defp expressions({:__block__, _, expressions}), do: expressions
  defp expressions(expression), do: [expression]

  defp diagnostic(%{severity: :error, details: {kind, reason}} = diagnostic) when kind in [:error, :throw, :exit],
    do: of_exception(diagnostic.file && Path.basename(diagnostic.file), kind, reason, diagnostic.stacktrace)

  defp diagnostic(%{message: message, severity: severity} = diagnostic) do
    {line, column} =
      case diagnostic.position do
        {line, column} -> {line, column}
        line when is_integer(line) and line > 0 -> {line, nil}
        _ -> {nil, nil}
      end

    %{
      severity: severity,
      message: text(message),
      file: diagnostic.file && Path.basename(diagnostic.file),
      line: line,
      col: column,
      span: span(Map.get(diagnostic, :span))
    }
  end

  defp span({line, column}) when is_integer(line) and is_integer(column), do: [line, column]
  defp span(_), do: nil

  # What Elixir says of it is the code of the name, place included.
  defp of_exception(file, :error, %ArgumentError{message: "invalid module name: " <> quoted} = reason, stack) do
    case :re.run(quoted, "^{:(\\w+), \\[line: (\\d+), column: (\\d+)\\], nil}$", [{:capture, :all_but_first, :binary}]) do
      {:match, [name, line, column]} ->
        [line, column] = Enum.map([line, column], &String.to_integer/1)
        message = "invalid module name: #{name}. The name of a module begins with a capital letter: #{Macro.camelize(name)}"
        %{error(message) | file: file, line: line, col: column, span: [line, column + String.length(name)]}

      _ ->
        of_exception(file, :error, RuntimeError.exception(reason.message), stack)
    end
  end

  defp of_exception(file, :error, reason, stack) do
    exception = Exception.normalize(:error, reason, stack)
    own = List.first(Trouble.stack(stack)) || %{file: file, line: nil}

    message =
      case exception do
        %MismatchedDelimiterError{} -> "#{exception.description} (expected #{closes(exception)})"
        %TokenMissingError{opening_delimiter: :do} -> "#{exception.description} (for the do in line #{exception.line})"
        %{description: description} when is_binary(description) -> description
        _ -> Trouble.message(exception, %{text_bytes: @message_bytes})
      end

    compiler? = exception.__struct__ in [SyntaxError, TokenMissingError, MismatchedDelimiterError, CompileError]
    message = if compiler?, do: message, else: "(#{Trouble.module(exception.__struct__)}) " <> message

    %{
      error(message)
      | file: basename(Map.get(exception, :file)) || own.file,
        line: positive(Map.get(exception, :line)) || positive(own.line),
        col: positive(Map.get(exception, :column)),
        span: end_of(exception)
    }
  end

  defp of_exception(file, kind, reason, stack) do
    own = List.first(Trouble.stack(stack)) || %{file: file, line: nil}
    message = "(#{kind}) " <> Trouble.of(kind, reason, stack, %{text_bytes: @message_bytes}).message
    %{error(message) | file: own.file, line: positive(own.line)}
  end

  defp closes(%{opening_delimiter: opening, expected_delimiter: expected, line: line}),
    do: "#{expected} to close the #{opening} in line #{line}"

  defp end_of(%MismatchedDelimiterError{end_line: line, end_column: column, closing_delimiter: closing}),
    do: span({line, column + String.length(to_string(closing))})

  defp end_of(%TokenMissingError{end_line: line, end_column: column}), do: span({line, column})
  defp end_of(_), do: nil

  defp basename(file) when is_binary(file) and file not in ["nofile", ""], do: Path.basename(file)
  defp basename(_), do: nil

  defp positive(n) when is_integer(n) and n > 0, do: n
  defp positive(_), do: nil

  defp error(message) do
    %{severity: :error, message: text(message), file: nil, line: nil, col: nil, span: nil}
  end

  # Where Elixir's own files lie is nobody's concern.
  defp text("redefining module " <> _ = message) do
    [redefining | _] = :binary.split(message, " (current version loaded from ")
    Frame.cut(if(redefining == message, do: message, else: redefining <> " (a module of Elixir itself)"), @message_bytes)
  end

  defp text(message) when is_binary(message), do: Frame.cut(message, @message_bytes)
  defp text(message), do: message |> IO.chardata_to_string() |> text()
end
