%% Waits for an Elixir program with a VM that has booted and compiled something already, and then runs it as `elixir
%% main.exs` would: the same command line, only later.
-module(athanor_program).
-export([start/0]).

-define(PROGRAM, "/tmp/main.exs").

start() ->
    {ok, _} = application:ensure_all_started(elixir),
    warm_up(),
    ok = io:setopts(standard_io, [{binary, false}, {encoding, unicode}]),
    io:put_chars("ready\n"),
    Code = receive_code(),
    ok = io:setopts(standard_io, [binary]),
    ok = file:write_file(?PROGRAM, Code),
    'Elixir.Kernel.CLI':main([?PROGRAM]).

%% A line with the sizes in bytes and in characters, and then the program itself. What follows is its input. The VM reads
%% ahead and decodes what it has read, so it has to be asked for characters.
receive_code() ->
    case io:get_line("") of
        Line when is_list(Line) ->
            [_, Characters] = string:lexemes(Line, " \n"),
            receive_characters(list_to_integer(Characters), []);
        _ -> erlang:halt(0)
    end.

receive_characters(0, Parts) -> unicode:characters_to_binary(lists:reverse(Parts));
receive_characters(Count, Parts) ->
    case io:get_chars("", Count) of
        Part when is_list(Part) -> receive_characters(Count - length(Part), [Part | Parts]);
        _ -> erlang:halt(0)
    end.

%% Loads what nearly every program needs: the compiler, and the modules that print and take apart.
warm_up() ->
    Code = <<"defmodule AthanorWarmUp do\n"
        "  defstruct [:a]\n"
        "  def up(list) when is_list(list), do: list |> Enum.map(&(&1 * 2)) |> Enum.sum() |> then(&\"#{&1}\")\n"
        "end\n"
        "for {key, value} <- %{a: 1}, into: [], do: inspect({key, value, AthanorWarmUp.up([1, 2])}, pretty: true)\n"
        "String.split(String.trim(\" a b \")) |> Enum.join(\",\") |> String.upcase()\n"
        "Regex.run(~r/a/, \"a\")\n"
        "try do raise \"x\" rescue e -> Exception.format(:error, e, __STACKTRACE__) end\n">>,
    _ = 'Elixir.Code':eval_string(Code),
    _ = [code:ensure_loaded(M) || M <- ['Elixir.Kernel.CLI', 'Elixir.IO', 'Elixir.Stream', 'Elixir.Map', 'Elixir.MapSet',
        'Elixir.Integer', 'Elixir.Float', 'Elixir.Agent', 'Elixir.GenServer', 'Elixir.Task', 'Elixir.Process',
        'Elixir.Kernel.ParallelCompiler', 'Elixir.IO.ANSI', 'Elixir.System']],
    _ = code:purge('Elixir.AthanorWarmUp'),
    true = code:delete('Elixir.AthanorWarmUp'),
    ok.
