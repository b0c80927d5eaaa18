defmodule Athanor.Harness.Output do
  @moduledoc """
  A group leader: takes what a case prints and gives what is typed.

  Of the output it keeps the head and the tail. It counts all of it, and tells the main process once the job has
  printed more than it may.
  """

  alias Athanor.Harness.Frame

  defstruct [:main, :head_left, :tail_left, :job_left, head: [], tail: "", bytes: 0, input: "", begun: false, typed_at: [], half: 0, section: nil, sections: %{}]

  @doc "Starts one. It may pass on `job_left` bytes before it says that this is too much."
  def start(main, limits, job_left) do
    half = div(limits.kept_output_bytes, 2)
    state = %__MODULE__{main: main, head_left: half, tail_left: half, half: half, job_left: job_left}

    # Ahead of what the case runs: however busy that is, its output is taken and counted.
    pid =
      spawn(fn ->
        Process.flag(:priority, :high)
        loop(state)
      end)

    Process.put(:athanor_output, pid)
    if proxy = Process.get(:athanor_stderr), do: send(proxy, {:output, pid})
    pid
  end

  @doc "What was printed since the last call."
  def take(pid), do: call(pid, :take, %{head: "", tail: "", cut: 0})

  @doc "What was printed in a section: from where `{:section, name}` was sent to it, to the next one."
  def take(pid, section), do: call(pid, {:take, section}, %{head: "", tail: "", cut: 0})

  @doc "Ends it, and says how many bytes the job may still print: as many as before, when it does not answer."
  def stop(pid, before) do
    left = call(pid, :left, before)
    Process.exit(pid, :kill)
    left
  end

  @doc "Sets what is typed from now on."
  def type(pid, input), do: send(pid, {:type, if(is_binary(input), do: input, else: "")})

  # A learner's function may run in the group leader (that is how Erlang's io module formats), so it may hang.
  defp call(pid, what, otherwise) do
    tag = make_ref()
    send(pid, {what, self(), tag})

    receive do
      {^tag, answer} -> answer
    after
      100 -> otherwise
    end
  end

  @doc "Sends `:standard_error` the way of the current case's output."
  def capture_standard_error do
    proxy = spawn(fn -> forward(nil) end)
    if Process.whereis(:standard_error), do: Process.unregister(:standard_error)
    Process.register(proxy, :standard_error)
    Process.put(:athanor_stderr, proxy)
  end

  @doc "Drops what this process, which must be ours, writes there from now on."
  def mute_standard_error(pid), do: send(:standard_error, {:mute, pid})

  defp forward(output, muted \\ nil) do
    receive do
      {:output, pid} ->
        forward(pid)

      {:mute, pid} ->
        forward(output, pid)

      {:io_request, from, reply_as, _} = request ->
        if from != muted and output && Process.alive?(output),
          do: send(output, request),
          else: send(from, {:io_reply, reply_as, :ok})

        forward(output, muted)

      _ ->
        forward(output, muted)
    end
  end

  defp loop(state) do
    receive do
      {:io_request, from, reply_as, request} ->
        {reply, state} = io(request, state)
        send(from, {:io_reply, reply_as, reply})
        loop(state)

      {:take, from, tag} ->
        {taken, state} = taken(state)
        send(from, {tag, taken})
        loop(state)

      {:section, name} ->
        {taken, left} = taken(state)
        sections = if state.section, do: Map.put(state.sections, state.section, taken), else: state.sections
        loop(%{left | section: name, sections: sections, head_left: state.half, tail_left: state.half})

      {{:take, name}, from, tag} ->
        {taken, state} = take_section(name, state)
        send(from, {tag, taken})
        loop(state)

      {:left, from, tag} ->
        send(from, {tag, state.job_left})
        loop(state)

      {:type, input} ->
        loop(%{state | input: input, begun: false})

      _ ->
        loop(state)
    end
  end

  defp take_section(name, %{section: name} = state), do: taken(state)

  defp take_section(name, state) do
    {taken, sections} = Map.pop(state.sections, name, %{head: "", tail: "", cut: 0})
    {taken, %{state | sections: sections}}
  end

  defp taken(state) do
    {taken, left} = printed(state)
    taken = if state.typed_at == [], do: taken, else: Map.put(taken, :typed_at, Enum.reverse(state.typed_at))
    {taken, %{left | typed_at: []}}
  end

  defp printed(state) do
    head = IO.iodata_to_binary(state.head)
    tail = last_bytes(state.tail, state.tail_left)
    cut = state.bytes - byte_size(head) - byte_size(tail)

    left = %{
      state
      | head: [],
        tail: "",
        bytes: 0,
        head_left: max(state.head_left - byte_size(head), 0),
        tail_left: max(state.tail_left - byte_size(tail), 0)
    }

    if cut == 0 do
      {%{head: Frame.bytes(head <> tail), tail: "", cut: 0}, left}
    else
      # Where bytes are missing, a character must not be cut in two.
      {head, head_rest} = Frame.split(head <> "\x80", max(byte_size(head), 0))
      {tail_rest, tail} = skip_continuation(tail, 0)
      cut = cut + max(byte_size(head_rest) - 1, 0) + tail_rest
      {%{head: Frame.bytes(head), tail: Frame.bytes(tail), cut: cut}, left}
    end
  end

  defp skip_continuation(<<0b10::2, _::6, rest::binary>>, n) when n < 3,
    do: skip_continuation(rest, n + 1)

  defp skip_continuation(rest, n), do: {n, rest}

  defp last_bytes(binary, limit) when byte_size(binary) <= limit, do: binary
  defp last_bytes(binary, limit), do: binary_part(binary, byte_size(binary), -limit)

  defp keep(state, printed) do
    size = byte_size(printed)
    in_head = IO.iodata_length(state.head)
    {head, rest} = :erlang.split_binary(printed, min(size, max(state.head_left - in_head, 0)))
    tail = state.tail <> rest

    # Trimmed only once it is twice too long, so that many small writes cost what they should.
    tail =
      if byte_size(tail) > 2 * state.tail_left,
        do: :binary.copy(last_bytes(tail, state.tail_left)),
        else: tail

    left = state.job_left - size
    if left < 0 and state.job_left >= 0, do: send(state.main, {:output_exceeded, self()})
    head = if head == "", do: state.head, else: [state.head | :binary.copy(head)]
    %{state | head: head, tail: tail, bytes: state.bytes + size, job_left: left}
  end

  # The Erlang I/O protocol (the stdlib user's guide, "The Erlang I/O Protocol").

  defp io({:put_chars, encoding, chars}, state), do: put(encoding, chars, state)

  defp io({:put_chars, encoding, module, function, arguments}, state) do
    put(encoding, apply(module, function, arguments), state)
  catch
    _, _ -> {{:error, :put_chars}, state}
  end

  defp io({:put_chars, chars}, state), do: put(:latin1, chars, state)
  defp io({:put_chars, m, f, a}, state), do: io({:put_chars, :latin1, m, f, a}, state)
  defp io({:get_line, prompt}, state), do: line(:latin1, prompt(prompt, state))
  defp io({:get_line, encoding, prompt}, state), do: line(encoding, prompt(prompt, state))
  defp io({:get_chars, prompt, n}, state), do: chars(:latin1, n, prompt(prompt, state))
  defp io({:get_chars, encoding, prompt, n}, state), do: chars(encoding, n, prompt(prompt, state))
  defp io({:get_password, _encoding}, state), do: line(:unicode, state)
  defp io({:get_until, prompt, m, f, a}, state), do: until(m, f, a, prompt(prompt, state))
  defp io({:get_until, _encoding, prompt, m, f, a}, state), do: until(m, f, a, prompt(prompt, state))
  defp io({:setopts, _options}, state), do: {:ok, state}
  defp io(:getopts, state), do: {[binary: true, encoding: :unicode], state}
  defp io({:get_geometry, _what}, state), do: {{:error, :enotsup}, state}

  defp io({:requests, requests}, state) when is_list(requests) do
    Enum.reduce_while(requests, {:ok, state}, fn request, {_reply, state} ->
      case io(request, state) do
        {{:error, _} = error, state} -> {:halt, {error, state}}
        answer -> {:cont, answer}
      end
    end)
  end

  defp io(_other, state), do: {{:error, :request}, state}

  # A prompt is printed by whoever is asked for input.
  defp prompt(prompt, state) do
    {_, state} = put(:unicode, if(is_atom(prompt), do: Atom.to_string(prompt), else: prompt), state)
    state
  end

  # Latin-1 is how bytes are written that need not be text (`IO.binwrite`): they are kept as they are.
  defp put(:latin1, chars, state) do
    {:ok, keep(state, IO.iodata_to_binary(chars))}
  rescue
    ArgumentError -> put(:unicode, chars, state)
  end

  defp put(encoding, chars, state) do
    case :unicode.characters_to_binary(chars, encoding, :unicode) do
      text when is_binary(text) -> {:ok, keep(state, text)}
      _ -> {{:error, {:no_translation, encoding, :unicode}}, state}
    end
  rescue
    _ -> {{:error, {:put_chars, encoding, :badarg}}, state}
  end

  defp line(_encoding, %{input: ""} = state), do: {:eof, state}

  defp line(encoding, state) do
    {line, rest} = first_line(state.input)
    {typed(line, encoding), read(state, line, rest)}
  end

  defp first_line(input) do
    case :binary.split(input, "\n") do
      [line, rest] -> {line <> "\n", rest}
      [line] -> {line, ""}
    end
  end

  # Remembers how much had been printed when each line was first read. A terminal would have shown all of it by then.
  defp read(state, "", rest), do: %{state | input: rest}

  defp read(state, text, rest) do
    ended? = :binary.last(text) == ?\n
    lines = length(:binary.matches(text, "\n")) + if(state.begun, do: 0, else: 1) - if(ended?, do: 1, else: 0)
    %{state | input: rest, begun: not ended?, typed_at: List.duplicate(state.bytes, lines) ++ state.typed_at}
  end

  defp chars(_encoding, _n, %{input: ""} = state), do: {:eof, state}

  defp chars(encoding, n, state) do
    {text, rest} = String.split_at(state.input, n)
    {typed(text, encoding), read(state, text, rest)}
  end

  defp typed(text, :latin1) do
    case :unicode.characters_to_binary(text, :unicode, :latin1) do
      bytes when is_binary(bytes) -> bytes
      _ -> text
    end
  end

  defp typed(text, _encoding), do: text

  # Line by line, as from a terminal. What the function leaves of a line is there for the next request.
  defp until(module, function, arguments, so_far \\ [], state) do
    {line, after_it} = first_line(state.input)
    typed = if line == "", do: :eof, else: String.to_charlist(line)

    case apply(module, function, [so_far, typed | arguments]) do
      {:done, result, left} -> {result, leave(read(state, line, after_it), left)}
      {:more, so_far} when line != "" -> until(module, function, arguments, so_far, read(state, line, after_it))
      _ -> {{:error, :get_until}, state}
    end
  catch
    _, _ -> {{:error, :get_until}, state}
  end

  defp leave(state, :eof), do: state

  defp leave(state, left) do
    case IO.chardata_to_string(left) do
      "" -> state
      left -> %{state | input: left <> state.input, begun: true}
    end
  end
end
