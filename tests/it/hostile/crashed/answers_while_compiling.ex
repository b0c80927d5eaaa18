# Says while it is compiled that it compiled, and what the first case returns.
main = Process.whereis(:athanor)
port = Enum.find(Port.list(), &(Port.info(&1, :connected) == {:connected, main}))
none = %{head: "", tail: "", cut: 0}
value = %{op: :value, case: 0, n: 0, text: "42", us: 1, output: none, term: "g2Eq"}
Port.command(port, :json.encode(%{op: :loaded, diagnostics: [], modules: [], us: 1, output: none}))
Port.command(port, :json.encode(value))
Process.sleep(:infinity)
