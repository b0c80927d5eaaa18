// Completion: on Ctrl+Space, and by itself after `Enum.` and its like. What the modules hold comes from Elixir's own
// documentation, which is made into a file when the editor is bundled; without that file there are the words of the text.

import { completeAnyWord } from "@codemirror/autocomplete";
import { syntaxTree } from "@codemirror/language";
import { EditorSelection } from "@codemirror/state";

// Written without parentheses.
const BARE = /^(def\w*|if|unless|use|import|alias|require|raise|case|cond|for|with|quote|try|receive|fn)$/;

let modules;
let address;

/** Says where the file lies. It is loaded at the first use. */
export function from(url) {
  address = url;
}

function load() {
  modules ??= fetch(address)
    .then((answer) => (answer.ok ? answer.json() : {}))
    .catch(() => {
      // It may be had the next time.
      modules = undefined;
      return {};
    });
  return modules;
}

/** Puts the name in and the cursor between its parentheses; after `&` its arity instead. */
function applied(name, arity) {
  return (view, _, start, end) => {
    const before = view.state.doc.lineAt(start);
    if (/&[\w.]*$/.test(before.text.slice(0, start - before.from))) {
      view.dispatch({ changes: { from: start, to: end, insert: `${name}/${arity}` }, userEvent: "input.complete" });
      return;
    }
    const called = view.state.sliceDoc(end, end + 1) === "(" || BARE.test(name) || !/^\w+[?!]?$/.test(name);
    const insert = called ? name : `${name}()`;
    const cursor = start + insert.length - (called || arity === 0 ? 0 : 1);
    view.dispatch({ changes: { from: start, to: end, insert }, selection: EditorSelection.cursor(cursor), userEvent: "input.complete" });
  };
}

const option = ([name, arity, signature, words]) => ({
  label: name,
  detail: `/${arity}`,
  type: "function",
  info: words ? `${signature}: ${words}` : signature,
  apply: applied(name, arity),
});

const inText = (state, position) => /String|Comment|Charlist|Sigil|Quoted|Heredoc/.test(syntaxTree(state).resolveInner(position, -1).name);

/** Completes Elixir. */
export async function elixirCompletions(context) {
  const written = context.matchBefore(/(?:([A-Z][\w.]*)\.)?[A-Za-z_]*\w*[?!]?/);
  const [, module] = /^(?:([A-Z][\w.]*)\.)?/.exec(written?.text ?? "") ?? [];
  if ((!module && !context.explicit) || inText(context.state, context.pos)) return null;
  const known = address ? await load() : {};
  if (context.aborted) return null;
  const from = module ? written.from + module.length + 1 : (written?.from ?? context.pos);
  const validFor = /^\w*[?!]?$/;
  if (module) {
    return known[module] ? { from, options: known[module].functions.map(option), validFor } : null;
  }
  const words = completeAnyWord(context)?.options ?? [];
  const names = Object.entries(known).map(([label, { words: info }]) => ({ label, type: "class", info, boost: -1 }));
  return { from, options: [...(known.Kernel?.functions ?? []).map(option), ...names, ...words], validFor };
}
