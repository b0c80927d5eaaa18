# Writes programs to /tmp and starts them. The answer is right only if one of them ran.
defmodule Target do
  def double(x) do
    File.write!("/tmp/script", "#!/bin/sh\necho started")
    File.cp!("/bin/echo", "/tmp/program")
    for file <- ["/tmp/script", "/tmp/program"], do: File.chmod!(file, 0o755)
    if Enum.any?([{"/tmp/script", []}, {"/tmp/program", ["started"]}], &runs?/1), do: x * 2, else: :refused
  end

  defp runs?({program, arguments}) do
    {output, _} = System.cmd(program, arguments)
    output =~ "started"
  rescue
    _ -> false
  end

  def first_or([], default), do: default
  def first_or([head | _], _default), do: head
end
