// The way out of the editor by keyboard. Tab is the page's own unless the reader wants it to indent; and then Escape
// gives it back for the next press, however late that comes.

import { indentWithTab } from "@codemirror/commands";
import { Prec } from "@codemirror/state";
import { EditorView, keymap } from "@codemirror/view";

const MODIFIERS = ["Shift", "Control", "Alt", "Meta", "AltGraph", "CapsLock"];

const armed = Prec.highest(
  EditorView.domEventHandlers({
    keydown(event, view) {
      if (event.key === "Escape") view.setTabFocusMode(true);
      else if (event.key !== "Tab" && !MODIFIERS.includes(event.key)) view.setTabFocusMode(false);
      return false;
    },
    mousedown: (_, view) => view.setTabFocusMode(false) ?? false,
    blur: (_, view) => view.setTabFocusMode(false) ?? false,
  }),
);

/** What Tab does, as an extension. */
export const tabKey = (indents) => (indents ? [armed, keymap.of([indentWithTab])] : []);

/** To be called when that has changed: without it other keymaps, as Vim's, would have Tab. */
export const tabChanged = (view, indents) => view.setTabFocusMode(!indents);
