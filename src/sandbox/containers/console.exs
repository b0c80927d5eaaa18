# The inside of a console: IEx itself, on a terminal that is frames on the container's channel. The worker sends this text as
# the first frame and `-eval` runs it with `port` bound; the next frame says what to begin with.
#
# A frame is a letter and text in UTF-8. To here: `s` begin (JSON), `l` a line that was typed, `i` interrupt. From here: `r`
# ready, `o` output, `p` a prompt at which a line is waited for, `t` a line as it is taken.
#
# Code that runs here shares the VM with all of this and can say whatever it likes: only its own reader hears it.
defmodule Athanor.Console do
  @moduledoc false

  alias Athanor.Console.Terminal

  def run(port) do
    Process.flag(:priority, :high)
    main = self()

    # Without its parts a console would only wait for the worker's patience to end.
    spawn(fn ->
      monitor = Process.monitor(main)

      receive do
        {:DOWN, ^monitor, :process, _, _} -> :erlang.halt(70, flush: false)
      end
    end)

    terminal = spawn_link(fn -> Terminal.run(port) end)

    # Whatever anybody prints is seen, and in the order in which it was printed.
    for name <- [:standard_error, :user] do
      if Process.whereis(name), do: Process.unregister(name)
      Process.register(spawn_link(fn -> relay(terminal) end), name)
    end

    receive do
      {^port, {:data, "s" <> start}} -> start |> :json.decode() |> begin(port, terminal)
    end
  end

  defp begin(start, port, terminal) do
    {:ok, _} = Application.ensure_all_started(:iex)
    {:ok, _} = Application.ensure_all_started(:logger)
    IEx.configure(width: 80)
    Port.command(port, "r")
    send(terminal, {:lines, start["typed"]})

    shell =
      spawn(fn ->
        Process.group_leader(self(), terminal)
        loader = spawn_monitor(fn -> load(start["files"]) end)
        wait(loader, "The code was not loaded to its end.")
        IEx.Server.run(dot_iex: "")
        # Nobody can type any more.
        :erlang.halt(0)
      end)

    Process.register(shell, :athanor_shell)
    monitor = Process.monitor(shell)
    loop(%{port: port, terminal: terminal, shell: shell, monitor: monitor})
  end

  defp relay(terminal) do
    receive do
      message -> send(terminal, message)
    end

    relay(terminal)
  end

  defp wait({pid, monitor}, words) do
    receive do
      {:DOWN, ^monitor, :process, ^pid, :normal} -> :ok
      {:DOWN, ^monitor, :process, ^pid, _} -> IO.puts(words)
      :interrupt -> Process.exit(pid, :kill) && wait({pid, monitor}, words)
    end
  end

  defp loop(%{port: port, monitor: monitor} = state) do
    receive do
      {^port, {:data, "l" <> line}} ->
        send(state.terminal, {:lines, String.split(line, "\n")})
        loop(state)

      {^port, {:data, "i"}} ->
        send(state.terminal, {:interrupt, self()})

        receive do
          # What runs is ended by IEx as it does after Ctrl-G; what is being compiled, by whoever waits for it.
          :busy -> send(state.shell, :interrupt) && Process.exit(state.shell, :interrupt)
          :interrupted -> :ok
        end

        loop(state)

      # The worker has gone, or IEx has ended.
      {^port, :eof} ->
        :erlang.halt(0, flush: false)

      {:DOWN, ^monitor, :process, _, _} ->
        :erlang.halt(1, flush: false)

      _ ->
        loop(state)
    end
  end

  defp load([]), do: :ok

  defp load(files) do
    File.mkdir_p!("/tmp/ebin")
    :code.add_patha(~c"/tmp/ebin")
    paths = for %{"file" => file, "text" => text} <- files, do: write(Path.basename(file), text)
    {erlang, elixir} = Enum.split_with(paths, &(Path.extname(&1) == ".erl"))
    for path <- erlang, do: compile_erlang(path)

    # Into files, so that `h` finds what is written about functions.
    with [_ | _] <- elixir, {:error, _, _} <- compile(elixir) do
      IO.puts("This code does not compile, so nothing of it is here. Go on without it, or mend it and open IEx again.")
    end
  end

  defp compile(paths), do: Kernel.ParallelCompiler.compile_to_path(paths, "/tmp/ebin", return_diagnostics: true)

  defp write(name, text) do
    File.write!(name, text)
    name
  end

  defp compile_erlang(path) do
    case :compile.file(to_charlist(path), [:report, outdir: ~c"/tmp/ebin"]) do
      {:ok, module} -> :code.load_file(module)
      _ -> IO.puts("This code does not compile, so nothing of it is here. Go on without it, or mend it and open IEx again.")
    end
  end
end

defmodule Athanor.Console.Terminal do
  @moduledoc false

  # Bytes of text in one frame.
  @piece 16_384

  @again "IEx began anew: variables and imports are gone, modules are still here.\n"

  def run(port), do: loop(%{port: port, lines: [], began: false})

  defp loop(state) do
    receive do
      {:io_request, from, ref, request} ->
        case answer(request, state) do
          {:reply, reply, state} ->
            send(from, {:io_reply, ref, reply})
            loop(state)

          # Nobody else can ask until a line is there: whoever does, waits behind it.
          {:ask, prompt, take} ->
            show(state.port, "p", prompt)
            state |> ask({from, ref, prompt, take, ""}) |> loop()
        end

      {:lines, lines} ->
        loop(%{state | lines: state.lines ++ lines})

      {:interrupt, from} ->
        send(from, :busy)
        loop(%{state | lines: []})
    end
  end

  # Waits for a line, and prints what others want to be printed meanwhile.
  defp ask(%{lines: [line | rest]} = state, {from, ref, prompt, take, had}) do
    show(state.port, "t", line)
    state = %{state | lines: rest}

    case take.(had <> line <> "\n") do
      :more -> ask(state, {from, ref, prompt, take, had <> line <> "\n"})
      taken -> send(from, {:io_reply, ref, taken}) && state
    end
  end

  defp ask(state, {from, ref, prompt, _, _} = asked) do
    monitor = Process.monitor(from)

    result =
      receive do
        {:lines, lines} ->
          ask(%{state | lines: state.lines ++ lines}, asked)

        {:interrupt, who} ->
          if prompt =~ ~r/^(iex|\.\.\.)\(\d+\)> $/ do
            send(who, :interrupted)
            send(from, {:io_reply, ref, {:error, :interrupted}})
          else
            send(who, :busy)
            send(from, {:io_reply, ref, {:error, :interrupted}})
          end

          state

        {:DOWN, ^monitor, :process, _, _} ->
          state

        {:io_request, other, other_ref, request} when not is_tuple(request) or elem(request, 0) not in [:get_line, :get_chars, :get_until] ->
          {:reply, reply, state} = answer(request, state)
          send(other, {:io_reply, other_ref, reply})
          ask(state, asked)
      end

    Process.demonitor(monitor, [:flush])
    result
  end

  defp answer({:put_chars, encoding, chars}, state), do: put(state, encoding, chars)
  defp answer({:put_chars, chars}, state), do: put(state, :latin1, chars)

  defp answer({:put_chars, encoding, module, function, arguments}, state) do
    put(state, encoding, apply(module, function, arguments))
  rescue
    _ -> {:reply, {:error, function}, state}
  end

  defp answer({:get_line, _, prompt}, _), do: {:ask, text(prompt), & &1}
  defp answer({:get_line, prompt}, _), do: {:ask, text(prompt), & &1}
  defp answer({:get_chars, _, prompt, count}, _), do: {:ask, text(prompt), &chars(&1, count)}
  defp answer({:get_chars, prompt, count}, _), do: {:ask, text(prompt), &chars(&1, count)}

  defp answer({:get_until, _, prompt, module, function, arguments}, _),
    do: {:ask, text(prompt), &until(&1, module, function, arguments)}

  defp answer({:requests, requests}, state) do
    Enum.reduce_while(requests, {:reply, :ok, state}, fn request, {:reply, _, state} ->
      case answer(request, state) do
        {:reply, {:error, _}, _} = failed -> {:halt, failed}
        {:reply, _, _} = done -> {:cont, done}
        _ -> {:halt, {:reply, {:error, :enotsup}, state}}
      end
    end)
  end

  defp answer(:getopts, state), do: {:reply, [binary: true, encoding: :unicode], state}
  defp answer({:setopts, _}, state), do: {:reply, :ok, state}
  defp answer({:get_geometry, :columns}, state), do: {:reply, 80, state}
  defp answer({:get_geometry, :rows}, state), do: {:reply, 24, state}
  defp answer(_, state), do: {:reply, {:error, :request}, state}

  defp put(state, encoding, chars) do
    case :unicode.characters_to_binary(chars, encoding) do
      # What IEx begins with speaks of keys that nobody has here. It begins anew after an interruption.
      "Interactive Elixir (" <> _ ->
        show(state.port, "o", if(state.began, do: @again, else: "Interactive Elixir #{System.version()}. h() shows help.\n"))
        {:reply, :ok, %{state | began: true}}

      text when is_binary(text) ->
        show(state.port, "o", text)
        {:reply, :ok, state}

      _ ->
        {:reply, {:error, :put_chars}, state}
    end
  end

  # More than was asked for is dropped: a line is typed as a whole.
  defp chars(text, count), do: if(String.length(text) >= count, do: String.slice(text, 0, count), else: :more)

  defp until(text, module, function, arguments) do
    case apply(module, function, [[], String.to_charlist(text) | arguments]) do
      {:done, result, _} -> result
      _ -> :more
    end
  rescue
    _ -> {:error, :get_until}
  end

  defp text(chars) do
    case :unicode.characters_to_binary(chars) do
      text when is_binary(text) -> text
      _ -> ""
    end
  end

  # Waits where the worker does not read: that is what holds back whoever prints too much.
  defp show(port, letter, <<piece::binary-size(@piece), rest::binary>>) when rest != "" do
    {piece, rest} = whole(piece, rest)
    Port.command(port, [letter, piece])
    show(port, letter, rest)
  end

  defp show(port, letter, text), do: Port.command(port, [letter, text])

  # No character is cut in two.
  defp whole(piece, <<byte, rest::binary>>) when byte in 0x80..0xBF, do: whole(<<piece::binary, byte>>, rest)
  defp whole(piece, rest), do: {piece, rest}
end

Athanor.Console.run(port)
