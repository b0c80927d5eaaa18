// How the editor looks. Colours are the page's own variables, so that both themes come from one place.

import { HighlightStyle } from "@codemirror/language";
import { EditorView } from "@codemirror/view";
import { tags } from "@lezer/highlight";

export const colours = HighlightStyle.define([
  { tag: [tags.keyword, tags.definitionKeyword, tags.controlKeyword], color: "var(--hl-keyword)" },
  { tag: [tags.atom, tags.bool, tags.null, tags.special(tags.string)], color: "var(--hl-atom)" },
  { tag: [tags.string, tags.character, tags.regexp], color: "var(--hl-string)" },
  { tag: [tags.number, tags.integer, tags.float, tags.escape, tags.attributeName], color: "var(--hl-number)" },
  { tag: tags.comment, color: "var(--hl-comment)", fontStyle: "italic" },
  { tag: [tags.moduleKeyword, tags.namespace, tags.className, tags.typeName, tags.meta], color: "var(--hl-module)" },
  {
    tag: [tags.function(tags.variableName), tags.definition(tags.function(tags.variableName)), tags.standard(tags.variableName)],
    color: "var(--hl-function)",
  },
  { tag: [tags.operator, tags.punctuation], color: "var(--hl-operator)" },
]);

const underlined = (colour) => ({ backgroundImage: "none", textDecoration: `underline wavy ${colour} 1px`, textUnderlineOffset: "0.2em" });

export const look = EditorView.theme({
  "&": { backgroundColor: "var(--page)", color: "var(--text)", fontSize: "calc(0.95625rem * var(--code-scale, 1))" },
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
  ".cm-tooltip.cm-tooltip-autocomplete > ul": { fontFamily: "var(--mono)" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul > li[aria-selected]": { backgroundColor: "var(--accent)", color: "var(--accent-text)" },
  ".cm-completionDetail": { fontStyle: "normal", marginLeft: "0" },
  ".cm-completionInfo": { maxWidth: "26rem" },
  ".cm-lintRange-error": underlined("var(--bad)"),
  ".cm-lintRange-warning": underlined("var(--warn)"),
  ".cm-lintRange-active": { backgroundColor: "var(--mark-bad)" },
  ".cm-diagnostic": { fontFamily: "var(--sans)", whiteSpace: "pre-wrap", maxWidth: "34rem" },
  ".cm-diagnostic-error": { borderLeft: "4px solid var(--bad)" },
  ".cm-diagnostic-warning": { borderLeft: "4px solid var(--warn)" },
  ".cm-panels": { backgroundColor: "var(--side)", color: "var(--text)" },
  ".cm-panel.cm-panel-lint ul [aria-selected]": { backgroundColor: "var(--code)" },
  ".cm-fat-cursor": { background: "var(--accent) !important" },
  "&:not(.cm-focused) .cm-fat-cursor": { background: "none !important", outline: "1px solid var(--accent) !important" },
  ".cm-vim-panel input": { color: "inherit", fontFamily: "var(--mono)" },
  // Where the system chooses the colours, what is selected and where the cursor is must be seen too.
  "@media (forced-colors: active)": {
    ".cm-cursor": { borderLeftColor: "CanvasText" },
    ".cm-selectionBackground": { forcedColorAdjust: "none", backgroundColor: "Highlight !important", opacity: "0.5" },
    "&.cm-focused .cm-matchingBracket": { outline: "1px solid Highlight" },
  },
});
