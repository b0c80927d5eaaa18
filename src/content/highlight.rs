//! Colours for code: spans with a small, stable set of classes, made when a lesson is loaded.
//!
//! A highlighted block is `<pre><code class="language-elixir">…</code></pre>`. The classes within it are those of
//! [`CLASSES`]; a style sheet that covers them covers everything.

use std::cell::RefCell;
use std::sync::LazyLock;

use tree_sitter_highlight::{HighlightConfiguration, HighlightEvent, Highlighter};

/// Every class of a highlighted span, and what it marks. Behind its `hl-` is the name that `elixir.scm` and `erlang.scm` give it.
pub const CLASSES: [(&str, &str); 17] = [
    ("hl-attribute", "module attributes: `@limit`, `@doc`"),
    ("hl-comment", "comments"),
    ("hl-constant", "`true`, `false`, `nil`, `?a`, `__MODULE__`"),
    ("hl-embedded", "an interpolation within a string: `#{…}`"),
    ("hl-escape", "escapes within a string: `\\n`"),
    ("hl-function", "names of functions, where they are defined or called"),
    ("hl-keyword", "`def`, `do`, `end`, `case`, `fn` and their like"),
    ("hl-module", "names of modules: `Enum`"),
    ("hl-number", "numbers"),
    ("hl-operator", "operators: `|>`, `=`, `&`"),
    ("hl-property", "fields of maps: `user.name`"),
    ("hl-prompt", "the prompt of a session: `iex>`"),
    ("hl-punctuation", "brackets, commas, delimiters"),
    ("hl-string", "strings, charlists, sigils"),
    ("hl-symbol", "atoms and keyword keys: `:ok`, `name:`"),
    ("hl-unused", "variables that begin with an underscore"),
    ("hl-variable", "all other variables"),
];

/// A grammar with its query. `None` if they do not fit together, which a test rules out; code is then shown without colours.
type Colours = LazyLock<Option<HighlightConfiguration>>;

/// Compiling the query takes some 50 ms, so it is done once.
static ELIXIR: Colours =
    LazyLock::new(|| colours(tree_sitter_elixir::LANGUAGE.into(), "elixir", include_str!("elixir.scm"), ""));

/// Only a course that shows Erlang pays for it, and so on.
static ERLANG: Colours =
    LazyLock::new(|| colours(tree_sitter_erlang::LANGUAGE.into(), "erlang", include_str!("erlang.scm"), ""));

static HEEX: Colours = LazyLock::new(|| {
    let (query, within) = (include_str!("heex.scm"), include_str!("heex_elixir.scm"));
    colours(tree_sitter_heex::LANGUAGE.into(), "heex", query, within)
});

static SHELL: Colours =
    LazyLock::new(|| colours(tree_sitter_bash::LANGUAGE.into(), "bash", include_str!("shell.scm"), ""));

/// `within` says where Elixir stands in the language.
fn colours(language: tree_sitter::Language, name: &str, query: &str, within: &str) -> Option<HighlightConfiguration> {
    let mut configuration = HighlightConfiguration::new(language, name, query, within, "").ok()?;
    configuration.configure(&CLASSES.map(|(class, _)| class.trim_start_matches("hl-")));
    Some(configuration)
}

thread_local! {
    static HIGHLIGHTER: RefCell<Highlighter> = RefCell::new(Highlighter::new());
}

/// Code as HTML: escaped, and coloured where the language is `elixir`, a session of `iex`, `erlang`, `heex`, or a shell's:
/// `sh` for commands, `console` for a session with prompts.
///
/// The result is safe to put on a page whatever the code says.
#[must_use]
pub fn highlight(language: &str, code: &str) -> String {
    let mut html = String::with_capacity(code.len() * 3);
    let language: String = language.chars().filter(|c| c.is_ascii_alphanumeric() || "+-_#".contains(*c)).collect();
    if language.is_empty() {
        html.push_str("<pre><code>");
    } else {
        html.push_str(&format!("<pre><code class=\"language-{language}\">"));
    }
    match language.as_str() {
        "elixir" | "iex" | "ex" | "exs" if code.lines().any(|line| split_prompt(line).is_some()) => {
            session(code, &mut html);
        }
        "elixir" | "ex" | "exs" => elixir(code, &mut html),
        "erlang" | "erl" | "hrl" => coloured(&ERLANG, code, &mut html),
        "heex" | "eex" => coloured(&HEEX, code, &mut html),
        "sh" | "shell" | "bash" | "console" if code.lines().any(|line| line.starts_with("$ ")) => {
            shell_session(code, &mut html);
        }
        "sh" | "shell" | "bash" => coloured(&SHELL, code, &mut html),
        _ => escape(code, &mut html),
    }
    html.push_str("</code></pre>");
    html
}

/// A session: prompts apart, expressions and values each coloured on their own.
fn session(code: &str, html: &mut String) {
    for line in code.split_inclusive('\n') {
        match split_prompt(line) {
            Some((prompt, rest)) => {
                html.push_str("<span class=\"hl-prompt\">");
                escape(prompt, html);
                html.push_str("</span>");
                elixir(rest, html);
            }
            None if line.starts_with("** (") => escape(line, html),
            None => elixir(line, html),
        }
    }
}

/// A shell's session: what follows a prompt is coloured, what is printed is not.
fn shell_session(code: &str, html: &mut String) {
    for line in code.split_inclusive('\n') {
        match line.strip_prefix("$ ") {
            Some(command) => {
                html.push_str("<span class=\"hl-prompt\">$</span> ");
                coloured(&SHELL, command, html);
            }
            None => escape(line, html),
        }
    }
}

fn split_prompt(line: &str) -> Option<(&str, &str)> {
    let trimmed = line.trim_start();
    if !trimmed.starts_with("iex") && !trimmed.starts_with("...") {
        return None;
    }
    let rest = trimmed.trim_start_matches("iex").trim_start_matches("...");
    let rest = match rest.strip_prefix('(') {
        Some(numbered) => numbered.split_once(')')?.1,
        None => rest,
    };
    rest.starts_with('>').then(|| line.split_at(line.len() - rest.len() + 1))
}

fn elixir(code: &str, html: &mut String) {
    coloured(&ELIXIR, code, html);
}

fn coloured(colours: &Colours, code: &str, html: &mut String) {
    let before = html.len();
    let coloured = HIGHLIGHTER.with(|highlighter| {
        let mut highlighter = highlighter.try_borrow_mut().ok()?;
        let configuration = colours.as_ref()?;
        // Elixir is the only language that stands within another one here.
        let within = |name: &str| ELIXIR.as_ref().filter(|_| name == "elixir");
        let events = highlighter.highlight(configuration, code.as_bytes(), None, None, within).ok()?;
        for event in events {
            match event.ok()? {
                HighlightEvent::Source { start, end } => escape(code.get(start..end)?, html),
                HighlightEvent::HighlightStart(highlight) => {
                    html.push_str(&format!("<span class=\"{}\">", CLASSES.get(highlight.0)?.0));
                }
                HighlightEvent::HighlightEnd => html.push_str("</span>"),
            }
        }
        Some(())
    });
    if coloured.is_none() {
        html.truncate(before);
        escape(code, html);
    }
}

/// Escapes text for HTML.
pub(super) fn escape(text: &str, html: &mut String) {
    for c in text.chars() {
        match c {
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '&' => html.push_str("&amp;"),
            '"' => html.push_str("&quot;"),
            '\'' => html.push_str("&#39;"),
            c => html.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elixir_gets_its_colours() {
        let html = highlight("elixir", "def f(x), do: x + 1 # <b>\n");
        assert!(
            html.starts_with("<pre><code class=\"language-elixir\"><span class=\"hl-keyword\">def</span>"),
            "{html}"
        );
        assert!(html.contains("<span class=\"hl-comment\"># &lt;b&gt;</span>"), "{html}");
        assert!(html.contains("<span class=\"hl-number\">1</span>"), "{html}");
        assert!(html.contains("<span class=\"hl-symbol\">do: </span>"), "{html}");
    }

    #[test]
    fn prompts_of_a_session_are_apart() {
        let html = highlight("elixir", "iex(1)> 1\n1\n...> x");
        assert!(html.contains("<span class=\"hl-prompt\">iex(1)&gt;</span> <span class=\"hl-number\">1"), "{html}");
        assert!(html.contains("<span class=\"hl-prompt\">...&gt;</span>"), "{html}");
    }

    #[test]
    fn erlang_gets_its_colours() {
        let code = "-module(shape).\n-export([area/1]).\n%% <b>\narea({square, S}) when S > 0 -> math:pow(S, 2);\n\
                    area(#circle{r = R}) -> case ?PI of _P -> \"a\" ++ [$a] end.\n";
        let html = highlight("erlang", code);
        for (class, text) in [
            ("attribute", "export"),
            ("module", "shape"),
            ("function", "area"),
            ("comment", "%% &lt;b&gt;"),
            ("symbol", "square"),
            ("variable", "S"),
            ("operator", "-&gt;"),
            ("module", "math"),
            ("function", "pow"),
            ("number", "2"),
            ("module", "circle"),
            ("property", "r"),
            ("keyword", "case"),
            ("constant", "PI"),
            ("unused", "_P"),
            ("string", "&quot;a&quot;"),
            ("constant", "$a"),
            ("punctuation", "{"),
        ] {
            assert!(html.contains(&format!("<span class=\"hl-{class}\">{text}</span>")), "{class} {text}: {html}");
        }
        let known = CLASSES.map(|(class, _)| class.trim_start_matches("hl-"));
        let configuration = ERLANG.as_ref().expect("the grammar fits its query");
        assert!(configuration.names().iter().all(|name| known.contains(name)), "{:?}", configuration.names());
        assert!(highlight("erlang", "area( ->").contains("area"), "what does not parse is shown all the same");
    }

    #[test]
    fn heex_gets_its_colours_and_the_elixir_in_it_too() {
        let code = "<%!-- so --%>\n<div class=\"a\" :if={@open}>\n  <.button type={1}>{@name}</.button>\n  <%= if @x do %><b>y</b><% end %>\n</div>\n";
        let html = highlight("heex", code);
        for (class, text) in [
            ("keyword", "div"),
            ("property", "class"),
            ("attribute", ":if"),
            ("function", "button"),
            ("attribute", "name"),
            ("number", "1"),
            ("keyword", "if"),
        ] {
            assert!(html.contains(&format!("<span class=\"hl-{class}\">{text}")), "{class} {text}: {html}");
        }
        assert!(!html.contains("<b>"), "{html}");
    }

    #[test]
    fn a_shell_gets_its_colours_and_its_prompts_are_apart() {
        let html = highlight("sh", "mix test --trace # all\n");
        for (class, text) in [("function", "mix"), ("symbol", "--trace"), ("comment", "# all")] {
            assert!(html.contains(&format!("<span class=\"hl-{class}\">{text}")), "{class} {text}: {html}");
        }
        let html = highlight("console", "$ mix test\n3 <tests>\n");
        assert!(html.contains("<span class=\"hl-prompt\">$</span> <span class=\"hl-function\">mix"), "{html}");
        assert!(html.contains("\n3 &lt;tests&gt;\n"), "{html}");
    }

    #[test]
    fn other_languages_are_escaped_only() {
        assert_eq!(
            highlight("te\"xt", "<a>'&\""),
            "<pre><code class=\"language-text\">&lt;a&gt;&#39;&amp;&quot;</code></pre>"
        );
        assert_eq!(highlight("", "x"), "<pre><code>x</code></pre>");
    }

    #[test]
    fn every_name_of_the_query_has_a_class_and_every_class_is_used() {
        let query = include_str!("elixir.scm");
        let names = |class: &str| query.contains(&format!("@{}", class.trim_start_matches("hl-")));
        assert!(CLASSES.iter().all(|(class, _)| *class == "hl-prompt" || names(class)));
        let code = "@doc \"a\\n#{b}\"\ndef f(_x, y), do: M.g(y.z, 1, :a, nil) |> h() # c";
        let html = highlight("elixir", code);
        for (class, _) in CLASSES.iter().filter(|(class, _)| *class != "hl-prompt") {
            assert!(html.contains(&format!("\"{class}\"")), "{class} is not in {html}");
        }
        let configuration = ELIXIR.as_ref().expect("the grammar fits its query");
        let known = CLASSES.map(|(class, _)| class.trim_start_matches("hl-"));
        assert!(configuration.names().iter().all(|name| known.contains(name)), "{:?}", configuration.names());
    }

    #[test]
    fn what_each_class_marks() {
        let html = highlight("elixir", "@limit user.name + Enum.count(~w[a b]) ++ [_x]");
        for (class, text) in [
            ("attribute", "limit"),
            ("property", "name"),
            ("module", "Enum"),
            ("function", "count"),
            ("operator", "++"),
            ("unused", "_x"),
            ("punctuation", "["),
        ] {
            assert!(html.contains(&format!("<span class=\"hl-{class}\">{text}</span>")), "{class}: {html}");
        }
    }
}
