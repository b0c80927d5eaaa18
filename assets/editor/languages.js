// What each language needs of the editor. Erlang's is loaded where an exercise is written in it.

import { elixir } from "codemirror-lang-elixir";

/** The language's extensions, or a promise of them. */
export function language(name) {
  if (name === "elixir") return elixir();
  if (name === "erlang") return import("./erlang.js").then(({ mode }) => mode);
  return [];
}
