# Starts programs until there are no more processes. They are threads of gVisor, which ends when it gets no more.
# on runsc: crashed
defmodule Target do
  def double(x) do
    started =
      Enum.map(1..200, fn _ ->
        try do
          Port.open({:spawn_executable, "/bin/sleep"}, [:binary, args: ["60"]])
        rescue
          error -> error
        end
      end)

    {Enum.count(started, &is_port/1), x}
  end

  def first_or([], default), do: default
  def first_or([head | _], _default), do: head
end
