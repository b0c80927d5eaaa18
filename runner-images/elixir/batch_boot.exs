# Writes OUT.boot: OTP's own start_clean, but with every module that a job needs loaded in one go.
#
#   elixir batch_boot.exs OUT MODULES FOLDER EBIN...
#
# The loader stages the VM's table of exported functions once for each module it loads one by one, and that is most of
# what a boot costs. Before `kernel_load_completed` a list of modules is loaded as one batch and staged once.
#
# MODULES names them, one a line: what was loaded after the harness had warmed up (`Athanor.Harness.record`). FOLDER
# gets a copy of each, so that one entry of the path finds them all. EBIN... are the folders of Elixir and the harness.
# It depends on the exact OTP, Elixir and harness, so it is part of building the image.
[out, modules, folder | ebins] = System.argv()
:code.add_pathsa(Enum.map(ebins, &String.to_charlist/1))

[clean | _] = Path.wildcard("#{:code.root_dir()}/releases/*/start_clean.boot")
{:script, version, commands} = clean |> File.read!() |> :erlang.binary_to_term()
{:preLoaded, preloaded} = List.keyfind(commands, :preLoaded, 0)

wanted =
  for name <- modules |> File.read!() |> String.split("\n", trim: true),
      module = String.to_atom(name),
      module not in preloaded,
      file = :code.which(module),
      is_list(file),
      do: {module, file}

File.mkdir_p!(folder)
for {module, file} <- wanted, do: File.cp!(file, Path.join(folder, "#{module}.beam"))

# The applications' folders stay on the path for whatever is loaded later, and Elixir's with them.
path =
  [folder] ++ Enum.map([:kernel, :stdlib, :compiler], &Application.app_dir(&1, "ebin")) ++ ebins

path = Enum.map(path, &String.to_charlist/1)

# What comes after the modules: processes and applications. Reading a user's .erlang is not for us.
after_modules =
  commands
  |> Enum.drop_while(&(&1 != {:progress, :modules_loaded}))
  |> Enum.reject(&(&1 == {:apply, {:c, :erlangrc, []}}))
  |> Enum.map(fn
    {:path, _} -> {:path, path}
    command -> command
  end)

# Not all of them at once: what a batch needs while it is loaded stays with the VM as memory that nobody uses.
loads =
  wanted |> Enum.map(&elem(&1, 0)) |> Enum.chunk_every(16) |> Enum.map(&{:primLoad, &1})

batch =
  [{:preLoaded, preloaded}, {:progress, :preloaded}, {:path, [String.to_charlist(folder)]}] ++
    loads ++ [{:kernel_load_completed}, {:progress, :kernel_load_completed}]

File.write!("#{out}.boot", :erlang.term_to_binary({:script, version, batch ++ after_modules}))
IO.puts("#{length(wanted)} modules in one batch")
