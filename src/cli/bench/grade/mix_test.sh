export HOME=/tmp MIX_ENV=test
mkdir -p /tmp/measured/lib /tmp/measured/test
cd /tmp/measured
cat > mix.exs <<'END'
defmodule Measured.MixProject do
  use Mix.Project

  def project, do: [app: :measured, version: "0.1.0", deps: []]
  def application, do: [extra_applications: []]
end
END
cat > lib/measured.ex <<'END'
defmodule Measured do
  def double(n), do: n * 2

  def first([], default), do: default
  def first([head | _tail], _default), do: head

  def sum(numbers), do: Enum.reduce(numbers, 0, fn number, total -> number + total end)

  def greet(name), do: "Hello, #{name}!"
end
END
echo 'ExUnit.start()' > test/test_helper.exs
cat > test/measured_test.exs <<'END'
defmodule MeasuredTest do
  use ExUnit.Case

  test("double", do: assert(Measured.double(21) == 42))
  test("first", do: assert(Measured.first([1, 2, 3], 0) == 1))
  test("default", do: assert(Measured.first([], :none) == :none))
  test("sum", do: assert(Measured.sum([1, 2, 3, 4]) == 10))
  test("greet", do: assert(Measured.greet("Ada") == "Hello, Ada!"))
end
END
exec mix test --no-deps-check </dev/null
