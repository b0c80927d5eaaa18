# Writes files and reads them again.
defmodule Target do
  def double(x) do
    path = Path.join(System.tmp_dir!(), "numbers.txt")
    File.touch!(path)
    File.write!(path, [to_string(x), "\n", to_string(x)])
    File.cp!(path, path <> ".copy")
    File.rename!(path <> ".copy", path <> ".old")
    File.chmod!(path, 0o600)
    %{size: size} = File.stat!(path)
    true = size > 2
    path |> File.stream!() |> Enum.map(&(&1 |> String.trim() |> String.to_integer())) |> Enum.sum()
  end

  def first_or([], default), do: default
  def first_or([head | _], _default), do: head
end
