// What lies over textareas: an editor where there is one, and else the textarea itself. A textarea is always the form's
// field, holds what the editor shows, and hears `input` when that changes.

const views = new Map();
const remarks = new Map();
// What the editors' bundle can do with one.
let abilities;
let wanted;

/** From now on this editor lies over this textarea. `more` is what its bundle can do with it. */
export function adopt(area, view, more) {
  views.set(area, view);
  abilities = more ?? abilities;
  if (remarks.has(area)) abilities?.remark(view, remarks.get(area));
  if (wanted) abilities?.configure(view, wanted);
}

/** The editor over a textarea, or undefined. */
export function over(area) {
  return views.get(area);
}

/** Puts other text in its place, as one step that can be undone. */
export function replace(area, text) {
  const view = views.get(area);
  if (view) {
    abilities.replace(view, text);
    return;
  }
  area.value = text;
  area.dispatchEvent(new Event("input", { bubbles: true }));
}

/** Underlines what the compiler said, `{severity, message, line, column, endLine, endColumn, text}` each, and no more what it said before. */
export function remark(area, list) {
  const view = views.get(area);
  if (view) abilities?.remark(view, list);
  // An editor that comes later shows them then.
  else remarks.set(area, list);
}

/** Has all editors, those to come too, be as their reader wants them: `{tab, vim}`. */
export function configure(settings) {
  wanted = settings;
  for (const view of views.values()) abilities?.configure(view, settings);
}

// The place of a column, counted from 1 in characters, in a line of text.
const unit = (text, column) => [...text].slice(0, column - 1).join("").length;

/** Goes to a line and column, both from 1. */
export function go(area, line, column) {
  const view = views.get(area);
  if (view) {
    const { from, text } = view.state.doc.line(Math.min(line, view.state.doc.lines));
    view.dispatch({ selection: { anchor: from + unit(text, column) }, scrollIntoView: true });
    view.focus();
    view.dom.scrollIntoView({ block: "nearest" });
    return;
  }
  const lines = area.value.split("\n");
  const before = lines.slice(0, line - 1).join("\n");
  const at = Math.min(before.length + (line > 1 ? 1 : 0) + unit(lines[line - 1] ?? "", column), area.value.length);
  area.setSelectionRange(at, at);
  area.focus();
}
