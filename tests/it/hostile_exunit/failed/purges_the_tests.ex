# Purges the modules of tests while they run.
defmodule Target do
  def double(_), do: purge()
  def first_or(_, _), do: purge()

  defp purge do
    for {module, _} <- :code.all_loaded(), function_exported?(module, :__ex_unit__, 0) do
      :code.delete(module)
      :code.purge(module)
    end

    Process.sleep(:infinity)
  end
end
