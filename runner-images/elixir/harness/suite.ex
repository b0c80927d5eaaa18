defmodule Athanor.Harness.Suite do
  @moduledoc """
  Runs ExUnit modules, and says of each test what became of it.

  Here the verdict comes from the learner's own VM. So the host says which tests are run as written and which with
  their last assertion negated, under names that nobody can know beforehand, and with tests of its own between them. A
  program that makes tests pass makes the negated ones pass too. What is said here is forgotten once the modules are
  compiled: from then on only the host knows which is which.
  """

  alias Athanor.Harness.{Formatter, Instrument}

  @doc "Starts it; answers what to wait for."
  def start(frame, output, limits) do
    main = self()
    tag = make_ref()

    {pid, monitor} =
      spawn_monitor(fn ->
        Process.group_leader(self(), output)
        send(main, {tag, run(frame, main, tag, limits)})
      end)

    {pid, monitor, tag}
  end

  defp run(frame, main, tag, limits) do
    texts = for %{"text" => text} <- frame["files"], do: text

    # Starting it takes time that only tests of the log need.
    if Enum.any?(texts, &(&1 =~ ~r/capture_log|CaptureLog/)), do: {:ok, _} = Application.ensure_all_started(:logger)

    # The submission may have started it; what it left of it has been ended.
    Application.stop(:ex_unit)

    ExUnit.start(
      autorun: false,
      formatters: [Formatter],
      seed: frame["seed"],
      timeout: frame["timeout_ms"],
      max_cases: 1,
      exclude: [:slow],
      colors: [enabled: false],
      athanor: %{main: main, tag: tag, limits: limits, codes: %{}}
    )

    case compile(Instrument.files(frame)) do
      {:ok, codes} ->
        settings = ExUnit.configuration() |> Keyword.fetch!(:athanor)
        ExUnit.configure(athanor: %{settings | codes: codes})
        %{total: total} = ExUnit.run()
        {:done, total}

      {:refused, diagnostics} ->
        {:refused, diagnostics}
    end
  end

  # The compiler's remarks on tests that do compile are for their author and not for the learner.
  defp compile(files) do
    Enum.reduce_while(files, {:ok, %{}}, fn file, {:ok, codes} ->
      {result, diagnostics} = Code.with_diagnostics(fn -> compile_one(file) end)

      case result do
        :ok -> {:cont, {:ok, Map.merge(codes, Map.get(file, :codes, %{}))}}
        {:raised, kind, reason, stack} -> {:halt, {:refused, {diagnostics, file.file, kind, reason, stack}}}
      end
    end)
  end

  defp compile_one(%{raised: {kind, reason, stack}}), do: {:raised, kind, reason, stack}

  defp compile_one(file) do
    Code.compile_quoted(file.quoted, file.file)
    :ok
  catch
    kind, reason -> {:raised, kind, reason, __STACKTRACE__}
  end

  @doc "Called by a test before its body: what is printed from now on is its own."
  def begin({name, _arity}), do: send(Process.group_leader(), {:section, Atom.to_string(name)})
end
