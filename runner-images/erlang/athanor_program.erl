%% Waits for an Erlang program with a VM that has booted and compiled something already, and then runs it.
-module(athanor_program).
-export([start/0]).

-define(PROGRAM, "/tmp/main.erl").

start() ->
    warm_up(),
    ok = io:setopts(standard_io, [{binary, false}, {encoding, unicode}]),
    io:put_chars("ready\n"),
    Code = receive_code(),
    ok = file:write_file(?PROGRAM, without_interpreter_line(Code)),
    %% A process of its own, as in a shell: what is left in a mailbox is none of ours.
    {Pid, Monitor} = spawn_monitor(fun() -> exit({athanor, run()}) end),
    receive
        {'DOWN', Monitor, process, Pid, {athanor, ok}} -> finish(0);
        {'DOWN', Monitor, process, Pid, {athanor, Text}} -> complain(Text);
        {'DOWN', Monitor, process, Pid, Reason} -> complain(io_lib:format("** exited: ~0tp~n", [Reason]))
    end.

%% Scripts for `escript` begin with one. Lines keep their numbers.
without_interpreter_line(<<"#!", Rest/binary>>) -> <<"%!", Rest/binary>>;
without_interpreter_line(Code) -> Code.

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

%% `ok`, or what is to be complained about.
run() ->
    try
        Module = load(compile()),
        case [F || F <- [main, start], A <- [0, 1], erlang:function_exported(Module, F, A)] of
            [] -> "main.erl: export main/0, main/1, start/0 or start/1: that is where a program begins\n";
            [F | _] ->
                case erlang:function_exported(Module, F, 0) of
                    true -> Module:F();
                    false -> Module:F([])
                end,
                ok
        end
    catch
        throw:{?MODULE, Text} -> Text;
        Class:Reason:Stack ->
            Own = lists:takewhile(fun({M, _, _, _}) -> M =/= ?MODULE end, Stack),
            [erl_error:format_exception(Class, Reason, Own), "\n"]
    end.

%% As `escript` does, a program may leave its `-module` out.
compile() ->
    case epp:parse_file(?PROGRAM, [{default_encoding, utf8}]) of
        {ok, Forms} ->
            Bare = lists:keyfind(module, 3, [F || F <- Forms, element(1, F) =:= attribute]) =:= false,
            compile:forms(if Bare -> named(Forms); true -> Forms end, [binary, return, {source, ?PROGRAM}]);
        {error, Reason} ->
            throw({?MODULE, io_lib:format("main.erl: ~ts~n", [file:format_error(Reason)])})
    end.

named([{attribute, _, file, _} = File | Forms]) -> named(Forms, [File]);
named(Forms) -> named(Forms, []).

named(Forms, Before) ->
    Before ++ [{attribute, 1, module, main}, {attribute, 1, compile, export_all}, {attribute, 1, compile, nowarn_export_all}
        | Forms].

load({ok, Module, Binary, Warnings}) ->
    io:put_chars(standard_error, remarks(Warnings, "Warning: ")),
    case code:load_binary(Module, ?PROGRAM, Binary) of
        {module, Module} -> Module;
        {error, Reason} -> throw({?MODULE, io_lib:format("main.erl: it cannot be loaded: ~0tp~n", [Reason])})
    end;
load({error, Errors, Warnings}) ->
    throw({?MODULE, [remarks(Errors, ""), remarks(Warnings, "Warning: ")]}).

remarks(Files, Kind) ->
    [remark(Place, Module, Text, Kind) || {_, Remarks} <- Files, {Place, Module, Text} <- Remarks].

remark(Place, Module, Text, Kind) ->
    Where = case Place of
        {Line, Column} -> io_lib:format("~p:~p:", [Line, Column]);
        Line when is_integer(Line) -> io_lib:format("~p:", [Line]);
        none -> ""
    end,
    ["main.erl:", Where, " ", Kind, Module:format_error(Text), "\n"].

complain(Text) ->
    io:put_chars(standard_error, Text),
    finish(1).

%% The output is on its way through processes of the VM: an end in order waits for it.
finish(Status) ->
    init:stop(Status),
    receive never -> ok end.

warm_up() ->
    {ok, Tokens, _} = erl_scan:string("-module(warm). -export([up/0]). up() -> io_lib:format(\"~p~n\", [lists:seq(1, 3)])."),
    Forms = forms(Tokens, []),
    {ok, Module, Binary, _} = compile:forms(Forms, [binary, return]),
    {module, Module} = code:load_binary(Module, "warm.erl", Binary),
    _ = Module:up(),
    _ = [code:ensure_loaded(M) || M <- [epp, erl_error, string, maps, lists, gb_trees, sets, dict, queue, math, rand, re, unicode_util]],
    _ = code:purge(Module),
    true = code:delete(Module),
    ok.

forms([], Forms) -> lists:reverse(Forms);
forms(Tokens, Forms) ->
    {One, [Dot | Rest]} = lists:splitwith(fun(T) -> element(1, T) =/= dot end, Tokens),
    {ok, Form} = erl_parse:parse_form(One ++ [Dot]),
    forms(Rest, [Form | Forms]).
