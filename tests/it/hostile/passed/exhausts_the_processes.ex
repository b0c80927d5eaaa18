# Takes every process the VM may have, each as small as can be. They end with the case.
defmodule Target do
  def double(x) do
    spawn(fn -> fill() end)
    Process.sleep(300)
    x * 2
  end

  defp fill do
    for _ <- 1..20_000, do: :erlang.spawn_opt(fn -> Process.sleep(:infinity) end, [{:min_heap_size, 1}])
  catch
    _, _ -> Process.sleep(:infinity)
  end

  def first_or([], default), do: default
  def first_or([head | _], _default), do: head
end
