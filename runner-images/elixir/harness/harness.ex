defmodule Athanor.Harness do
  @moduledoc """
  The process that talks to the host: reads a frame, has it carried out, answers.

  It never evaluates anything itself. Learner code runs in processes of its own, which this one times, kills and
  outlives. Code in the same VM can still take it over: then it can send frames of its own, which is why no expected
  value ever comes here and the host believes nothing but values.
  """

  alias Athanor.Harness.{Compile, Frame, Leftovers, Output, Runner, Suite, WarmUp}

  defstruct [:port, :baseline, :output, :runner, :case, :limits]

  @doc "Called by the VM's `-s`, which waits for it to return."
  def start do
    {:ok, _} = :application.ensure_all_started(:elixir)
    main = spawn(&boot/0)
    # Without its main process the VM would only wait for the host's deadline.
    spawn(fn ->
      reference = Process.monitor(main)

      receive do
        {:DOWN, ^reference, :process, _, _} -> :erlang.halt(70, flush: false)
      end
    end)
  end

  @doc """
  Called when the image is built: warms up as a container does and writes down which modules that took, for the boot
  file that loads them in one batch: one for cases, and one for jobs of the kind `exunit`.
  """
  def record([kind, file]) do
    {:ok, _} = :application.ensure_all_started(:elixir)
    Output.capture_standard_error()
    WarmUp.run()
    WarmUp.run_common()

    if kind == :batch_exunit do
      WarmUp.run_suite()
      WarmUp.run_common_suite()
    end

    Leftovers.kill(Leftovers.baseline())
    Frame.encode(Frame.ready())
    :json.decode("[]")
    modules = for {module, path} <- :code.all_loaded(), is_list(path), do: "#{module}\n"
    File.write!(to_string(file), Enum.sort(modules))
    :erlang.halt(0)
  end

  defp boot do
    Process.flag(:priority, :high)
    Process.register(self(), :athanor)
    Output.capture_standard_error()
    WarmUp.run()
    # The boot file says what the container is for by what it has loaded.
    if :erlang.module_loaded(ExUnit), do: WarmUp.run_suite()
    port = Port.open({:fd, 3, 4}, [:binary, {:packet, 4}, :eof])
    Enum.each(Process.list(), &:erlang.garbage_collect/1)
    Frame.send(port, Frame.ready())
    loop(%__MODULE__{port: port, baseline: Leftovers.baseline()})
  end

  defp loop(state) do
    port = state.port

    receive do
      {^port, {:data, data}} ->
        data |> :json.decode() |> handle(state) |> loop()

      # The host has gone. Nobody will hear what comes next.
      {^port, :eof} ->
        :erlang.halt(0, flush: false)
    end
  end

  defp handle(%{"op" => "load", "limits" => limits} = frame, state) do
    limits = Map.new(limits, fn {name, value} -> {String.to_atom(name), value} end)
    output = Output.start(self(), limits, limits.job_output_bytes)
    answer = attend(Compile.start(frame, output), :infinity, output)
    reply(state, frame, Compile.answer(answer, Output.take(output)))
    left = Output.stop(output, limits.job_output_bytes)
    Leftovers.kill(state.baseline)
    %{state | limits: Map.put(limits, :job_output_bytes, left)}
  end

  defp handle(%{"op" => "step"} = frame, state) do
    state = state |> enter(frame["case"]) |> with_runner()
    Output.type(state.output, frame["input"])
    worker = Runner.step(state.runner, frame["code"])
    answer = attend(worker, frame["timeout_ms"], state.output)
    state = %{state | runner: if(Runner.alive_after?(answer), do: state.runner)}
    reply(state, frame, Runner.answer(answer, frame, Output.take(state.output)))
    state
  end

  defp handle(%{"op" => "suite"} = frame, state) do
    output = Output.start(self(), state.limits, state.limits.job_output_bytes)
    worker = Suite.start(frame, output, state.limits)
    # What the frame says of the tests is not to be found in this process any more.
    frame = Map.take(frame, ["nonce"])
    :erlang.garbage_collect()
    answer = hear(worker, frame, output, state)
    reply(state, frame, answer)
    %{state | output: output}
  end

  # Whatever the code left running ends now; the VM itself when the host closes the channel.
  defp handle(%{"op" => "end"}, state) do
    if state.output, do: Output.stop(state.output, 0)
    Leftovers.kill(state.baseline)
    Frame.send(state.port, %{op: :bye})
    %{state | output: nil, runner: nil}
  end

  # The nonce shows the host that this was not said before it was asked.
  defp reply(state, frame, answer), do: Frame.send(state.port, Map.put(answer, :nonce, frame["nonce"]))

  # A new case starts from nothing: the last one's processes are ended, and have ended, before it begins.
  defp enter(%{case: number} = state, number), do: state

  defp enter(state, number) do
    left =
      if state.output,
        do: Output.stop(state.output, state.limits.job_output_bytes),
        else: state.limits.job_output_bytes

    Leftovers.kill(state.baseline)
    limits = Map.put(state.limits, :job_output_bytes, left)
    %{state | case: number, runner: nil, limits: limits, output: Output.start(self(), limits, left)}
  end

  defp with_runner(%{runner: nil} = state),
    do: %{state | runner: Runner.start(state.output, state.limits)}

  defp with_runner(state), do: state

  # Passes on what is said of each test until the suite has ended.
  defp hear({_pid, _monitor, tag} = worker, frame, output, state) do
    case attend(worker, :infinity, output) do
      {:test, test} ->
        reply(state, frame, Map.put(test, :output, Output.take(output, test.name)))
        hear(worker, frame, output, state)

      {:done, total} ->
        # The formatter is another process: what it said before the end may still be on its way.
        rest(tag, frame, output, state)
        %{op: :suite_done, total: total}

      {:refused, about} ->
        %{op: :refused, diagnostics: Compile.of_tests(about), output: Output.take(output), us: 0}

      {:died, reason} ->
        rest(tag, frame, output, state)
        %{op: :suite_died, message: Athanor.Harness.Trouble.of_death(reason).message}

      :output_exceeded ->
        %{op: :output_exceeded}
    end
  end

  defp rest(tag, frame, output, state) do
    receive do
      {^tag, {:test, test}} ->
        reply(state, frame, Map.put(test, :output, Output.take(output, test.name)))
        rest(tag, frame, output, state)
    after
      0 -> :ok
    end
  end

  # Waits for a worker's answer, its end, its time-out, or for too much output.
  defp attend({pid, monitor, tag}, timeout, output) do
    receive do
      {^tag, answer} ->
        answer

      {:DOWN, ^monitor, :process, ^pid, reason} ->
        {:died, reason}

      {:output_exceeded, ^output} ->
        Process.exit(pid, :kill)
        :output_exceeded
    after
      timeout ->
        Process.exit(pid, :kill)

        receive do
          {:DOWN, ^monitor, :process, ^pid, _} -> :timeout
        after
          1_000 -> :timeout
        end
    end
  end
end
