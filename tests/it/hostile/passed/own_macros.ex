# Macros of its own, hooks and attributes.
defmodule Target.Hooks do
  defmacro __before_compile__(_) do
    quote do
      def double(x), do: x * length(@seen)
      defp from_hook([], default), do: default
      defp from_hook([head | _], _), do: head
    end
  end
end

defmodule Target do
  @before_compile Target.Hooks
  Module.register_attribute(__MODULE__, :seen, accumulate: true)
  @seen 1
  @seen 2
  def seen, do: @seen
  def first_or(list, default), do: from_hook(list, default)
end
