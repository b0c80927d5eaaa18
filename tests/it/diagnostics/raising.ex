defmodule Shape do
  defstruct [:name]
end

defmodule Server do
  use GenServer
  def init(s), do: {:ok, s}
  def handle_call(:slow, _from, s) do
    Process.sleep(500)
    {:reply, :ok, s}
  end
  def handle_call(:boom, _from, _s), do: raise "inside the server"
end

defmodule MyError do
  defexception [:message, :code]
end

defmodule Target do
  def one_of(:a), do: 1
  def one_of(:b) when true, do: 2

  def inner(n) do
    n + helper(n)
  end
  defp helper(n), do: 10 / (n - n)

  def upcase(text), do: String.upcaes(text)
  def match(list) do
    [head | _] = list
    head
  end
  def pick(x) do
    case x do
      :yes -> 1
    end
  end
  def condition(x) do
    cond do
      x == 1 -> 1
    end
  end
  def with_else(x) do
    with {:ok, y} <- x do
      y
    else
      :error -> 0
    end
  end
  def field(map), do: map.nmae
  def update(map), do: %{map | age: 1}
  def bad_map, do: Map.get([], :a)
  def struct_update(x), do: Map.put(x, :a, 1)
  def enumerate(x), do: Enum.map(x, & &1)
  def text(x), do: "#{x}"
  def dynamic(f, args), do: apply(__MODULE__, f, args)
  def call(f), do: f.(1)
  def thrower, do: throw({:found, 42})
  def exiter, do: exit(:shutdown)
  def exit_normal, do: exit(:normal)
  def raises(x), do: raise(x)
  def own, do: raise(MyError, message: "mine", code: 7)
  def linked do
    spawn_link(fn -> raise "in a linked process" end)
    Process.sleep(1000)
  end
  def tasked do
    Task.async(fn -> Enum.fetch!([], 3) end) |> Task.await()
  end
  def slow_server do
    {:ok, pid} = GenServer.start(Server, 1)
    GenServer.call(pid, :slow, 50)
  end
  def dead_server do
    {:ok, pid} = GenServer.start(Server, 1)
    GenServer.call(pid, :boom)
  end
  def linked_server do
    {:ok, pid} = GenServer.start_link(Server, 1)
    GenServer.call(pid, :boom)
  end
  def no_server, do: GenServer.call(:nobody, :x)
  def arg, do: :erlang.binary_to_integer("x")
  def int, do: String.to_integer("12a")
  def recursion(0), do: raise("deep")
  def recursion(n), do: 1 + recursion(n - 1)
  def date, do: Date.new!(2026, 2, 30)
  def if_bad(x), do: x and true
  def badarity, do: Enum.map([1], fn a, b -> a + b end)
  def keyfetch, do: Keyword.fetch!([nam: 1], :name)
  def mapfetch, do: Map.fetch!(%{"name" => 1}, :name)
  def kill, do: Process.exit(self(), :kill)
  def badfun(x), do: x.(1)
  def tryc do
    try do
      raise "a"
    catch
      :x -> 1
    end
  end
  def elem_out, do: elem({1}, 3)
  def reraise_it do
    raise "first"
  rescue
    e -> reraise e, __STACKTRACE__
  end
  def shape, do: %Shape{name: 1}.nmae
  def sum(list), do: Enum.sum(list)
  def guarded(n) when is_integer(n) and n >= 1, do: n
end
