//! What is told of exceptions, throws and exits: the code is in `raising.ex`, one function for each way.

use athanor::domain::report::{Raised, StepOutcome};
use athanor::sandbox::containers::{ContainerSandbox, ContainerSettings};
use athanor::sandbox::{EventSink, Sandbox};

use crate::sandbox_contract::job;

struct Row {
    code: &'static str,
    /// Kind, or the exception's module.
    what: &'static str,
    /// What is said, in full; or its parts, with `…` between.
    says: &'static str,
    /// Functions and lines of the stack.
    stack: &'static [&'static str],
}

const fn row(code: &'static str, what: &'static str, says: &'static str, stack: &'static [&'static str]) -> Row {
    Row { code, what, says, stack }
}

const ROWS: &[Row] = &[
    row(
        "Target.one_of(:c)",
        "FunctionClauseError",
        "no function clause matching in Target.one_of/1…arguments were given to Target.one_of/1…# 1…:c…Attempted function clauses (showing 2 out of 2)…def one_of(:a)…def one_of(:b) when true",
        &["Target.one_of/1:20"],
    ),
    row("Target.call(&Target.one_of/1)", "FunctionClauseError", "# 1…1…def one_of(:a)", &["Target.one_of/1:20"]),
    row(
        "Target.inner(1)",
        "ArithmeticError",
        "bad argument in arithmetic expression",
        &["Target.helper/1:26", "Target.inner/1:24"],
    ),
    row(
        "Target.upcase(\"a\")",
        "UndefinedFunctionError",
        "function String.upcaes/1 is undefined or private. Did you mean:…* upcase/1",
        &[],
    ),
    row(
        "Target.dynamic(:one_fo, [1])",
        "UndefinedFunctionError",
        "function Target.one_fo/1 is undefined or private. Did you mean:…* one_of/1",
        &[],
    ),
    row(
        "Target.dynamic(:one_of, [1, 2])",
        "UndefinedFunctionError",
        "function Target.one_of/2 is undefined or private. Did you mean:…* one_of/1",
        &[],
    ),
    row("Targt.a()", "UndefinedFunctionError", "function Targt.a/0 is undefined (module Targt is not available)", &[]),
    row("Target.match([])", "MatchError", "no match of right hand side value: []", &["Target.match/1:30"]),
    row("Target.pick(:no)", "CaseClauseError", "no case clause matching: :no", &["Target.pick/1:34"]),
    row(
        "Target.condition(2)",
        "CondClauseError",
        "no cond clause evaluated to a truthy value",
        &["Target.condition/1:40"],
    ),
    row(
        "Target.with_else(:other)",
        "WithClauseError",
        "no with clause matching: :other",
        &["anonymous fn/1 in Target.with_else/1:44"],
    ),
    row(
        "Target.field(%{name: 1})",
        "KeyError",
        "key :nmae not found in: %{name: 1}…Did you mean:…* :name",
        &["Target.field/1:50"],
    ),
    row("Target.shape()", "KeyError", "key :nmae not found in: %Shape{name: 1}…* :name", &["Target.shape/0:107"]),
    row("Target.keyfetch()", "KeyError", "key :name not found in: [nam: 1]…* :nam", &[]),
    row("Target.update(%{name: 1})", "KeyError", "key :age not found", &["Target.update/1:51"]),
    row("Target.bad_map()", "BadMapError", "expected a map, got: []", &[]),
    row("Target.struct_update([])", "BadMapError", "expected a map, got: []", &["Target.struct_update/1:53"]),
    row(
        "Target.enumerate(1)",
        "Protocol.UndefinedError",
        "protocol Enumerable not implemented for type Integer…Got value:…1",
        &[],
    ),
    row(
        "Target.text({1, 2})",
        "Protocol.UndefinedError",
        "protocol String.Chars not implemented for type Tuple…{1, 2}",
        &["Target.text/1:55"],
    ),
    row(
        "Target.call(fn a, b -> a + b end)",
        "BadArityError",
        "with arity 2 called with 1 argument (1)",
        &["Target.call/1:57"],
    ),
    row("Target.badfun(1)", "BadFunctionError", "expected a function, got: 1", &["Target.badfun/1:93"]),
    row(
        "Target.if_bad(1)",
        "BadBooleanError",
        "expected a boolean on left-side of \"and\", got: 1",
        &["Target.if_bad/1:88"],
    ),
    row("Target.arg()", "ArgumentError", "1st argument: not a textual representation of an integer", &[]),
    row("Target.elem_out()", "ArgumentError", "1st argument: out of range", &["Target.elem_out/0:101"]),
    row("Target.date()", "ArgumentError", "cannot build date, reason: :invalid_date", &[]),
    row("Target.raises(\"hello\")", "RuntimeError", "hello", &["Target.raises/1:61"]),
    row(
        "Target.raises(:not_an_exception)",
        "UndefinedFunctionError",
        "module :not_an_exception is not available",
        &["Target.raises/1:61"],
    ),
    row("Target.own()", "MyError", "mine", &["Target.own/0:62"]),
    row("Target.reraise_it()", "RuntimeError", "first", &["Target.reraise_it/0:103"]),
    row("Target.recursion(5)", "RuntimeError", "deep", &["Target.recursion/1:85", "Target.recursion/1:86"]),
    row("Target.thrower()", "throw", "{:found, 42}", &["Target.thrower/0:58"]),
    row("Target.exiter()", "exit", "shutdown", &["Target.exiter/0:59"]),
    row(
        "Target.linked()",
        "exit",
        "a linked process ended: ** (RuntimeError) in a linked process",
        &["anonymous fn/0 in Target.linked/0:64"],
    ),
    row("Target.tasked()", "exit", "a linked process ended: ** (Enum.OutOfBoundsError) out of bounds error", &[]),
    row(
        "Target.linked_server()",
        "exit",
        "a linked process ended: ** (RuntimeError) inside the server",
        &["Server.handle_call/3:12"],
    ),
    row("Target.slow_server()", "exit", "exited in: GenServer.call(#PID<…>, :slow, 50)…** (EXIT) time out", &[]),
    row(
        "Target.dead_server()",
        "exit",
        "exited in: GenServer.call(…** (RuntimeError) inside the server…solution.ex:12: Server.handle_call/3",
        &[],
    ),
    row("Target.no_server()", "exit", "** (EXIT) no process: the process is not alive", &[]),
    row("Target.kill()", "exit", "the process was killed", &[]),
];

/// Words of ours and of the VM's inside, which no learner should have to read.
const NOT_FOR_LEARNERS: [&str; 6] = ["Athanor", "athanor", "/tmp", "erl_eval.erl", "(stdlib", "(elixir"];

fn told(raised: &Raised) -> String {
    raised.help.as_ref().unwrap_or(&raised.message).trim_end().to_owned()
}

fn wrong_with(row: &Row, outcome: &StepOutcome) -> Option<String> {
    let StepOutcome::Raised(raised) = outcome else { return Some(format!("{outcome:?}")) };
    let text = told(raised);
    let mut rest = text.as_str();
    for part in row.says.split('…') {
        match rest.split_once(part) {
            Some((_, after)) => rest = after,
            None => return Some(format!("{part:?} is not said (or not in this order):\n{text}")),
        }
    }
    let what = raised.module.as_deref().unwrap_or(&raised.kind);
    let stack: Vec<String> = raised.stack.iter().map(|line| format!("{}:{}", line.function, line.line)).collect();
    let leaks = NOT_FOR_LEARNERS.iter().find(|word| text.contains(**word));
    if what == row.what && stack == row.stack && leaks.is_none() && text.starts_with(raised.message.trim_end()) {
        return None;
    }
    Some(format!("{what}, {stack:?}, {leaks:?}\n{text}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_is_raised_is_told_with_its_kind_its_place_and_what_helps() {
    let sandbox =
        ContainerSandbox::start(ContainerSettings { pool_size: 0, ..ContainerSettings::detect() }).await.unwrap();
    let steps: Vec<[&str; 1]> = ROWS.iter().map(|row| [row.code]).collect();
    let cases: Vec<&[&str]> = steps.iter().map(|steps| &steps[..]).collect();
    let report = sandbox.run(job(include_str!("raising.ex"), &cases), &EventSink::none()).await.unwrap();
    assert_eq!(report.cases.len(), ROWS.len(), "{:?}", report.end);
    let wrong: Vec<String> = ROWS
        .iter()
        .zip(&report.cases)
        .filter_map(|(row, case)| wrong_with(row, &case.steps[0].outcome).map(|why| format!("{}: {why}", row.code)))
        .collect();
    sandbox.shutdown().await;
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}
