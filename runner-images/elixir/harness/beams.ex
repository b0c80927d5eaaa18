defmodule Athanor.Harness.Beams do
  @moduledoc "Modules as files on the code path, as `mix` has them: for their docs, and for consolidated protocols."

  @folder "/tmp/ebin"

  @doc "Writes what was compiled."
  def write(modules) do
    File.mkdir_p!(@folder)
    for {module, binary} <- modules, is_binary(binary), do: File.write!(Path.join(@folder, "#{module}.beam"), binary)
    true = :code.add_patha(String.to_charlist(@folder))
  end

  @doc "Consolidates the protocols that these modules define or implement."
  def consolidate(modules) do
    paths = [String.to_charlist(@folder) | for(path <- :code.get_path(), List.to_string(path) =~ "elixir/ebin", do: path)]
    own = for({module, _} <- modules, protocol = protocol(module), do: protocol) |> Enum.uniq()

    for protocol <- own do
      # Its code is looked for in the file that it was loaded from.
      :code.purge(protocol)
      :code.load_file(protocol)
      implemented = Protocol.extract_impls(protocol, paths)

      case Protocol.consolidate(protocol, implemented) do
        {:ok, binary} -> reload(protocol, binary)
        {:error, _} -> :ok
      end
    end

    :ok
  end

  # What a module implements or is.
  defp protocol(module) do
    cond do
      function_exported?(module, :__impl__, 1) -> module.__impl__(:protocol)
      function_exported?(module, :__protocol__, 1) -> module
      true -> nil
    end
  catch
    _, _ -> nil
  end

  defp reload(protocol, binary) do
    :code.purge(protocol)
    :code.delete(protocol)
    :code.load_binary(protocol, ~c"#{protocol}.beam", binary)
  end
end
