// What lies over textareas: an editor where there is one, and else the textarea itself. A textarea is always the form's
// field, holds what the editor shows, and hears `input` when that changes.

const views = new Map();

/** From now on this editor lies over this textarea. */
export function adopt(area, view) {
  views.set(area, view);
}

/** The editor over a textarea, or undefined. */
export function over(area) {
  return views.get(area);
}

/** Puts other text in its place, as one step that can be undone. */
export function replace(area, text) {
  const view = views.get(area);
  if (view) {
    view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: text }, scrollIntoView: true });
    return;
  }
  area.value = text;
  area.dispatchEvent(new Event("input", { bubbles: true }));
}

/** Goes to a line and column, both from 1. */
export function go(area, line, column) {
  const view = views.get(area);
  if (view) {
    const { from, to } = view.state.doc.line(Math.min(line, view.state.doc.lines));
    view.dispatch({ selection: { anchor: Math.min(from + column - 1, to) }, scrollIntoView: true });
    view.focus();
    view.dom.scrollIntoView({ block: "nearest" });
    return;
  }
  const before = area.value.split("\n").slice(0, line - 1).join("\n");
  const at = Math.min(before.length + (line > 1 ? 1 : 0) + column - 1, area.value.length);
  area.setSelectionRange(at, at);
  area.focus();
}
