// What the compiler said, underlined where it said so. It moves with what is typed.

import { setDiagnostics } from "@codemirror/lint";

/** The place of a column, counted from 1 in characters, in a line of text: an editor counts UTF-16 units. */
export function unit(text, column) {
  let at = 0;
  let left = column - 1;
  for (const character of text) {
    if (left <= 0) break;
    left -= 1;
    at += character.length;
  }
  return at;
}

function range(doc, { line, column, endLine, endColumn }) {
  const first = doc.line(line);
  const indent = first.text.length - first.text.trimStart().length;
  const from = first.from + (column ? unit(first.text, column) : indent);
  const last = endLine && endLine > line ? doc.line(Math.min(endLine, doc.lines)) : first;
  if (endLine && endColumn) {
    const to = last.from + unit(last.text, endColumn);
    if (to > from) return { from, to };
  }
  if (!column) return { from, to: first.to };
  const word = /^[\p{L}\p{N}_@?!]+|^./u.exec(doc.sliceString(from, first.to))?.[0] ?? "";
  return { from, to: from + word.length };
}

/** Underlines these remarks and no others. One whose line reads otherwise by now is about something that is gone. */
export function remark(view, remarks) {
  const { doc } = view.state;
  const fits = ({ line, text }) => line >= 1 && line <= doc.lines && (text === undefined || doc.line(line).text.startsWith(text));
  const diagnostics = remarks.filter(fits).map((one) => ({ ...range(doc, one), severity: one.severity, message: one.message }));
  view.dispatch(setDiagnostics(view.state, diagnostics));
}
