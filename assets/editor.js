// The editor: CodeMirror over a textarea, which stays the form's field. Bundled by `npm run build`.

import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { HighlightStyle, bracketMatching, indentOnInput, indentUnit, syntaxHighlighting } from "@codemirror/language";
import { EditorState, Prec } from "@codemirror/state";
import {
  EditorView,
  drawSelection,
  highlightActiveLine,
  highlightActiveLineGutter,
  highlightSpecialChars,
  keymap,
  lineNumbers,
} from "@codemirror/view";
import { tags } from "@lezer/highlight";
import { elixir } from "codemirror-lang-elixir";

// Colours are the page's own variables, so that both themes come from one place.
const colours = HighlightStyle.define([
  { tag: [tags.keyword, tags.definitionKeyword, tags.controlKeyword], color: "var(--hl-keyword)" },
  { tag: [tags.atom, tags.bool, tags.null, tags.special(tags.string)], color: "var(--hl-atom)" },
  { tag: [tags.string, tags.character, tags.regexp], color: "var(--hl-string)" },
  { tag: [tags.number, tags.integer, tags.float, tags.escape, tags.attributeName], color: "var(--hl-number)" },
  { tag: tags.comment, color: "var(--hl-comment)", fontStyle: "italic" },
  { tag: [tags.moduleKeyword, tags.namespace, tags.className, tags.typeName], color: "var(--hl-module)" },
  { tag: [tags.function(tags.variableName), tags.definition(tags.function(tags.variableName))], color: "var(--hl-function)" },
  { tag: [tags.operator, tags.punctuation], color: "var(--hl-operator)" },
]);

const look = EditorView.theme({
  "&": { backgroundColor: "var(--page)", color: "var(--text)", fontSize: "0.95625rem" },
  "&.cm-focused": { outline: "none" },
  ".cm-content": { fontFamily: "var(--mono)", caretColor: "var(--text)", padding: "0.45rem 0" },
  ".cm-line": { lineHeight: "1.5", padding: "0 0.7rem 0 0.4rem" },
  ".cm-gutters": { backgroundColor: "var(--side)", color: "var(--soft)", border: "0", fontFamily: "var(--mono)" },
  ".cm-gutterElement": { lineHeight: "1.5" },
  ".cm-activeLine, .cm-activeLineGutter": { backgroundColor: "color-mix(in srgb, var(--accent) 8%, transparent)" },
  ".cm-cursor": { borderLeftColor: "var(--text)", borderLeftWidth: "2px" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": {
    backgroundColor: "color-mix(in srgb, var(--accent) 28%, transparent)",
  },
  "&.cm-focused .cm-matchingBracket": { backgroundColor: "var(--mark-good)", color: "inherit" },
  "&.cm-focused .cm-nonmatchingBracket": { backgroundColor: "var(--mark-bad)", color: "inherit" },
  ".cm-tooltip": { backgroundColor: "var(--raised)", border: "1px solid var(--line)", color: "var(--text)" },
});

/** Puts an editor over `area`. Whatever is typed is in the textarea at once, so the form is sent as it would be without. */
export function mount(area) {
  const label = document.querySelector(`label[for="${area.id}"]`)?.textContent.trim() ?? "Your code";
  const leave = area.closest("form").querySelector("[id^='leave-']")?.id;
  const attributes = { "aria-label": label, spellcheck: "false", autocapitalize: "off" };
  if (leave) attributes["aria-describedby"] = leave;
  const height = area.offsetHeight;
  const hadFocus = document.activeElement === area;
  const view = new EditorView({
    state: EditorState.create({
      doc: area.value,
      extensions: [
        // The form hears these keys; the editor must not insert a line for them.
        Prec.highest(keymap.of([{ key: "Mod-Enter", run: () => true }, { key: "Shift-Mod-Enter", run: () => true }])),
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
        autocompletion({ activateOnTyping: false }),
        highlightActiveLine(),
        area.dataset.language === "elixir" ? elixir() : [],
        syntaxHighlighting(colours),
        keymap.of([...closeBracketsKeymap, ...defaultKeymap, ...historyKeymap, ...completionKeymap, indentWithTab]),
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
