defmodule Athanor.Harness.Instrument do
  @moduledoc "Rewrites the source of tests: names of the host's choice, and the last assertion negated where it says so."

  @name_bytes 200

  # What a negated last assertion says of its failure when the host asks for it: all before it held.
  @at_the_end "athanor: at the end"

  @doc "The files of a suite as code to compile, or what is wrong with them."
  def files(%{"files" => files, "slots" => slots, "decoys" => decoys} = frame) do
    {files, {_, _}} =
      Enum.map_reduce(files, {slots, decoys}, fn %{"file" => file, "text" => text}, left ->
        case parse(text, file) do
          {:ok, quoted} ->
            {quoted, {slots, decoys, codes}} = tests(quoted, left, frame)
            {%{file: file, quoted: quoted, codes: codes}, {slots, decoys}}

          raised ->
            {%{file: file, raised: raised}, left}
        end
      end)

    files
  end

  defp parse(text, file) do
    {:ok, Code.string_to_quoted!(text, file: file, columns: true, emit_warnings: false)}
  catch
    kind, reason -> {kind, reason, __STACKTRACE__}
  end

  defp tests(quoted, {slots, decoys}, frame) do
    {quoted, {slots, codes}} = Macro.prewalk(quoted, {slots, %{}}, &test(&1, &2, frame))
    {quoted, decoys} = with_decoys(quoted, decoys)
    {quoted, {slots, decoys, codes}}
  end

  defp test({:test, meta, [_, _ | _] = arguments} = call, {slots, codes}, frame) do
    {[name | between], [last]} = Enum.split(arguments, -1)

    case {last, slots} do
      {[{:do, body} | clauses], [slot | slots]} ->
        codes = if frame["code"], do: Map.put(codes, meta[:line], Macro.to_string(body)), else: codes
        body = begin(if(slot["negated"], do: negate(body, frame["ends"]), else: body))
        {{:test, meta, [named(slot["token"], name) | between] ++ [[{:do, body} | clauses]]}, {slots, codes}}

      _ ->
        {call, {slots, codes}}
    end
  end

  defp test(other, state, _frame), do: {other, state}

  defp named(:null, name), do: name
  defp named(token, name) when is_binary(name), do: "#{token}:#{head(name)}"
  defp named(token, name), do: quote(do: unquote(token <> ":") <> unquote(name))

  # A test's name becomes an atom, and those are of limited length.
  defp head(name) when byte_size(name) <= @name_bytes, do: name
  defp head(name), do: String.replace_invalid(binary_part(name, 0, @name_bytes), "") <> "…"

  defp begin(body) do
    quote do
      Athanor.Harness.Suite.begin(__ENV__.function)
      unquote(body)
    end
  end

  defp negate({:__block__, meta, statements}, ends?), do: {:__block__, meta, negate_last(statements, ends?)}
  defp negate(statement, ends?), do: {:__block__, [], negate_last([statement], ends?)}

  defp negate_last(statements, ends?) do
    {before, last} = Enum.split(statements, -1)

    case Enum.map(last, &flip/1) do
      [{:ok, flipped}] -> before ++ [at_the_end(flipped, ends?)]
      _ -> statements ++ [at_the_end(claim(false), ends?)]
    end
  end

  # Only for the reference: a submission must not be able to tell which of its tests are negated.
  defp at_the_end(assertion, true) do
    quote do
      try do
        unquote(assertion)
      rescue
        error in ExUnit.AssertionError -> reraise %{error | message: unquote(@at_the_end)}, __STACKTRACE__
      end
    end
  end

  defp at_the_end(assertion, _), do: assertion

  # A match may bind what comes later, and fails in another way, so it is left as it is and followed by a false claim.
  defp flip({_, _, [{:=, _, _} | _]}), do: :error
  defp flip({:assert, meta, [_ | _] = arguments}), do: {:ok, {:refute, meta, arguments}}
  defp flip({:refute, meta, [_ | _] = arguments}), do: {:ok, {:assert, meta, arguments}}
  defp flip({:assert_in_delta, meta, arguments}), do: {:ok, {:refute_in_delta, meta, arguments}}
  defp flip({:refute_in_delta, meta, arguments}), do: {:ok, {:assert_in_delta, meta, arguments}}
  defp flip(_), do: :error

  # A claim that has nothing to do with the learner's code and is not settled by a look at it.
  defp claim(holds?) do
    {a, b} = {:rand.uniform(1000), :rand.uniform(1000)}
    sum = if holds?, do: a + b, else: a + b + :rand.uniform(9)
    quote(do: ExUnit.Assertions.assert(Enum.sum([unquote(a), unquote(b)]) == unquote(sum)))
  end

  # Tests of the host's own, at random places of the first module that has tests.
  defp with_decoys(quoted, []), do: {quoted, []}

  defp with_decoys({:__block__, meta, forms}, decoys) do
    {forms, decoys} = Enum.map_reduce(forms, decoys, &with_decoys/2)
    {{:__block__, meta, forms}, decoys}
  end

  defp with_decoys({:defmodule, meta, [name, [{:do, {:__block__, inner, forms}}]]} = module, decoys) do
    {top, rest} = Enum.split_while(forms, &(not tests?(&1)))

    if rest != [] do
      forms = top ++ Enum.reduce(decoys, rest, &insert(decoy(&1, forms), &2))
      {{:defmodule, meta, [name, [{:do, {:__block__, inner, forms}}]]}, []}
    else
      {module, decoys}
    end
  end

  defp with_decoys(other, decoys), do: {other, decoys}

  defp tests?(form) do
    {_, found?} = Macro.prewalk(form, false, fn node, found? -> {node, found? or match?({:test, _, [_, _ | _]}, node)} end)
    found?
  end

  # An attribute above a test belongs to it, so a decoy comes only right behind a test.
  defp insert(decoy, forms) do
    places = for {{:test, _, _}, at} <- Enum.with_index(forms), do: at + 1
    List.insert_at(forms, if(places == [], do: -1, else: Enum.random(places)), decoy)
  end

  defp decoy(%{"token" => token, "passes" => passes?}, forms) do
    {line, tail} = forms |> Enum.flat_map(&like/1) |> Enum.shuffle() |> Enum.at(0, {1, "works"})
    {:test, [line: line], [named(token, tail), [do: begin(claim(passes?))]]}
  end

  # It looks like a copy of a real one.
  defp like({:test, meta, [<<_::binary-size(12), ":", tail::binary>> | _]}), do: [{meta[:line], tail}]
  defp like({:describe, _, [_, [do: {:__block__, _, forms}]]}), do: Enum.flat_map(forms, &like/1)
  defp like({:describe, _, [_, [do: form]]}), do: like(form)
  defp like(_), do: []
end
