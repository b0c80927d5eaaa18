// The editor: CodeMirror over a textarea, which stays the form's field. Bundled by `npm run build`.

import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, isolateHistory } from "@codemirror/commands";
import { bracketMatching, indentOnInput, indentUnit, syntaxHighlighting } from "@codemirror/language";
import { lintKeymap } from "@codemirror/lint";
import { Compartment, EditorState, Prec } from "@codemirror/state";
import {
  EditorView,
  drawSelection,
  highlightActiveLine,
  highlightActiveLineGutter,
  highlightSpecialChars,
  keymap,
  lineNumbers,
} from "@codemirror/view";
import { elixirCompletions, from as completionsFrom } from "./editor/completion.js";
import { language } from "./editor/languages.js";
import { tabChanged, tabKey } from "./editor/leave.js";
import { colours, look } from "./editor/look.js";

export { remark } from "./editor/remarks.js";

const spoken = new Compartment();
const tab = new Compartment();
const vim = new Compartment();
const chosen = new WeakMap();

/** Puts an editor over `area`. Whatever is typed is in the textarea at once, so the form is sent as it would be without. */
export function mount(area, { completions }) {
  const label = document.querySelector(`label[for="${area.id}"]`)?.textContent.trim() ?? "Your code";
  const leave = area.closest("form").querySelector("[id^='leave-']")?.id;
  const attributes = { "aria-label": label, spellcheck: "false", autocapitalize: "off" };
  if (leave) attributes["aria-describedby"] = leave;
  if (completions) completionsFrom(completions);
  const height = area.offsetHeight;
  const hadFocus = document.activeElement === area;
  const written = language(area.dataset.language);
  const view = new EditorView({
    state: EditorState.create({
      doc: area.value,
      extensions: [
        // The form hears these keys; the editor must not insert a line for them.
        Prec.highest(keymap.of([{ key: "Mod-Enter", run: () => true }, { key: "Shift-Mod-Enter", run: () => true }])),
        vim.of([]),
        lineNumbers(),
        highlightActiveLineGutter(),
        highlightSpecialChars(),
        history(),
        drawSelection(),
        EditorState.allowMultipleSelections.of(true),
        indentUnit.of("  "),
        indentOnInput(),
        bracketMatching(),
        closeBrackets(),
        autocompletion(area.dataset.language === "elixir" ? { override: [elixirCompletions], icons: false } : { activateOnTyping: false }),
        highlightActiveLine(),
        spoken.of(written instanceof Promise ? [] : written),
        syntaxHighlighting(colours),
        tab.of(tabKey(false)),
        keymap.of([...closeBracketsKeymap, ...defaultKeymap, ...historyKeymap, ...completionKeymap, ...lintKeymap]),
        EditorView.contentAttributes.of(attributes),
        EditorView.updateListener.of((update) => {
          if (!update.docChanged) return;
          area.value = update.state.doc.toString();
          area.dispatchEvent(new Event("input", { bubbles: true }));
        }),
        look,
      ],
    }),
  });
  if (written instanceof Promise) written.then((mode) => view.dispatch({ effects: spoken.reconfigure(mode) })).catch(() => {});
  const box = document.createElement("div");
  box.className = "editor";
  box.append(view.dom);
  view.dom.style.minHeight = `${height - 2}px`;
  area.after(box);
  area.hidden = true;
  if (hadFocus) view.focus();
  // Heights that were measured before the page had its final fonts and styles are measured again.
  document.fonts.ready.then(() => requestAnimationFrame(() => view.requestMeasure()));
  return view;
}

/** Puts other text in its place, as one step that can be undone. The cursor stays on its line. */
export function replace(view, text) {
  const { doc, selection } = view.state;
  const insert = view.state.toText(text);
  const line = insert.line(Math.min(doc.lineAt(selection.main.head).number, insert.lines));
  view.dispatch({
    changes: { from: 0, to: doc.length, insert },
    selection: { anchor: line.from },
    annotations: isolateHistory.of("full"),
    scrollIntoView: true,
  });
}

/** Makes the editor as its reader wants it. */
export async function configure(view, wanted) {
  chosen.set(view, wanted);
  view.dispatch({ effects: tab.reconfigure(tabKey(wanted.tab)) });
  tabChanged(view, wanted.tab);
  view.requestMeasure();
  const keys = wanted.vim ? (await import("./editor/vim.js")).keys : [];
  // What was chosen meanwhile goes before what is loaded late.
  if (chosen.get(view) === wanted) view.dispatch({ effects: vim.reconfigure(keys) });
}
