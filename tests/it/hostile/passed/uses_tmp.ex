# Writes files and reads them again.
defmodule Target do
  def double(x) do
    path = Path.join(System.tmp_dir!(), "numbers.txt")
    File.write!(path, [to_string(x), "\n", to_string(x)])
    path |> File.stream!() |> Enum.map(&(&1 |> String.trim() |> String.to_integer())) |> Enum.sum()
  end

  def first_or([], default), do: default
  def first_or([head | _], _default), do: head
end
