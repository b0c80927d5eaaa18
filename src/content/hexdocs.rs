//! Where a function that a lesson names is documented: `Enum.map/2` between backticks becomes a link.
//!
//! Only what Elixir and Erlang/OTP bring along is known, so that a learner's own `Pair.swap/1` stays what it is.

/// Where the pages of the versions are that the course is about.
const ELIXIR: &str = "https://hexdocs.pm";
const ERLANG: &str = "https://www.erlang.org/doc/apps";

/// Applications of Elixir and their modules, without the leading `Elixir.`.
const ELIXIR_MODULES: [(&str, &[&str]); 4] = [
    (
        "elixir",
        &[
            "Access",
            "Agent",
            "Application",
            "Atom",
            "Base",
            "Bitwise",
            "Calendar",
            "Code",
            "Collectable",
            "Date",
            "Date.Range",
            "DateTime",
            "Duration",
            "DynamicSupervisor",
            "Enum",
            "Enumerable",
            "Exception",
            "File",
            "File.Stream",
            "Float",
            "Function",
            "GenServer",
            "IO",
            "IO.ANSI",
            "Inspect",
            "Inspect.Algebra",
            "Integer",
            "JSON",
            "Kernel",
            "Kernel.SpecialForms",
            "Keyword",
            "List",
            "List.Chars",
            "Macro",
            "Map",
            "MapSet",
            "Module",
            "NaiveDateTime",
            "Node",
            "OptionParser",
            "PartitionSupervisor",
            "Path",
            "Port",
            "Process",
            "Protocol",
            "Range",
            "Record",
            "Regex",
            "Registry",
            "Stream",
            "String",
            "String.Chars",
            "StringIO",
            "Supervisor",
            "System",
            "Task",
            "Task.Supervisor",
            "Time",
            "Tuple",
            "URI",
            "Version",
        ],
    ),
    (
        "ex_unit",
        &["ExUnit", "ExUnit.Assertions", "ExUnit.Callbacks", "ExUnit.Case", "ExUnit.CaptureIO", "ExUnit.DocTest"],
    ),
    ("iex", &["IEx", "IEx.Helpers"]),
    ("logger", &["Logger"]),
];

/// Applications of Erlang and their modules.
const ERLANG_MODULES: [(&str, &[&str]); 4] = [
    ("erts", &["atomics", "counters", "erlang", "persistent_term"]),
    ("kernel", &["application", "code", "file", "global", "inet", "logger", "os", "rpc"]),
    (
        "stdlib",
        &[
            "array",
            "binary",
            "calendar",
            "dets",
            "digraph",
            "ets",
            "filename",
            "gb_sets",
            "gb_trees",
            "gen_server",
            "gen_statem",
            "io",
            "io_lib",
            "lists",
            "maps",
            "math",
            "ordsets",
            "proplists",
            "queue",
            "rand",
            "re",
            "sets",
            "string",
            "supervisor",
            "timer",
            "unicode",
        ],
    ),
    ("crypto", &["crypto"]),
];

/// The page about what stands between two backticks, if that is a function of a known module with its number of arguments.
pub(super) fn link(code: &str) -> Option<String> {
    let (name, arity) = code.rsplit_once('/')?;
    let (module, function) = name.rsplit_once('.')?;
    let numbered = !arity.is_empty() && arity.len() <= 3 && arity.bytes().all(|byte| byte.is_ascii_digit());
    if !numbered || !is_function(function) {
        return None;
    }
    let application = |known: &[(&'static str, &[&str])], module: &str| {
        known.iter().find(|(_, modules)| modules.contains(&module)).map(|(application, _)| *application)
    };
    if let Some(module) = module.strip_prefix(':') {
        let application = application(&ERLANG_MODULES, module)?;
        return Some(format!("{ERLANG}/{application}/{module}.html#{function}/{arity}"));
    }
    let application = application(&ELIXIR_MODULES, module)?;
    Some(format!("{ELIXIR}/{application}/{module}.html#{function}/{arity}"))
}

/// Whether a module, named without the leading `Elixir.`, comes with Elixir: its exceptions are told by their names.
pub(super) fn is_known(module: &str) -> bool {
    let own = ELIXIR_MODULES.iter().any(|(_, modules)| modules.contains(&module));
    own || (module.ends_with("Error") && !module.contains('.'))
}

/// A name as functions have it. Operators are left out: their pages' anchors need other spellings.
fn is_function(name: &str) -> bool {
    let bare = name.strip_suffix(['?', '!']).unwrap_or(name);
    let first = bare.chars().next();
    first.is_some_and(|c| c.is_ascii_lowercase() || c == '_')
        && bare.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

#[cfg(test)]
mod tests {
    use super::link;

    #[test]
    fn functions_of_elixir_and_of_erlang_have_their_pages() {
        let page = |code| link(code).unwrap_or_default();
        assert_eq!(page("Enum.map/2"), "https://hexdocs.pm/elixir/Enum.html#map/2");
        assert_eq!(page("String.starts_with?/2"), "https://hexdocs.pm/elixir/String.html#starts_with?/2");
        assert_eq!(page("Task.Supervisor.async/2"), "https://hexdocs.pm/elixir/Task.Supervisor.html#async/2");
        assert_eq!(
            page("ExUnit.Callbacks.start_supervised!/1"),
            "https://hexdocs.pm/ex_unit/ExUnit.Callbacks.html#start_supervised!/1"
        );
        assert_eq!(page(":lists.keyfind/3"), "https://www.erlang.org/doc/apps/stdlib/lists.html#keyfind/3");
    }

    #[test]
    fn what_is_ones_own_or_no_function_has_none() {
        for code in [
            "Pair.swap/1",
            "swap/1",
            "Enum.map",
            "Enum.map/",
            "Enum.map/two",
            "1.5/2",
            "Enum.+/2",
            ":own.f/1",
            "a.b/1",
            "Enum./2",
            "",
        ] {
            assert_eq!(link(code), None, "{code}");
        }
    }
}
