# Tries what only root may: mounts, namespaces, the kernel log, tracing, other users.
defmodule Target do
  def double(x) do
    for command <- [
          "mount -t tmpfs none /mnt",
          "unshare -Ur id",
          "unshare -n true",
          "dmesg",
          "chroot / id",
          "su -c id",
          "mknod /tmp/disk b 8 0",
          "chown 0 /tmp",
          "echo 1 > /proc/sys/kernel/panic",
          "echo x > /sys/fs/cgroup/memory/memory.limit_in_bytes",
          "nsenter -t 1 -a id"
        ] do
      {:os.cmd(String.to_charlist(command)), x * 2}
    end
  end

  def first_or([], default), do: default
  def first_or([head | _], _default), do: head
end
