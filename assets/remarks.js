// What the compiler said of the code that was sent last, for the editors over it.

import * as editors from "./editors.js";

// The line that a remark points at, as it was sent: from the excerpt below the remark.
function sentLine(item, line) {
  const numbers = [...item.querySelectorAll(".excerpt .n")];
  const at = numbers.findIndex((number) => Number(number.textContent) === line);
  if (at < 0) return undefined;
  const text = item.querySelector(".excerpt").textContent.split("\n")[at];
  return text.slice(numbers[at].textContent.length);
}

const number = (text) => (text ? Number(text) : undefined);

/** Underlines in the form's editors what the result below them says; without one nothing is underlined any more. */
export function show(form, result) {
  const said = [...(result?.querySelectorAll("[data-remark]") ?? [])].map((item) => {
    const { remark, line, column, endLine, endColumn, file } = item.dataset;
    return {
      file,
      severity: remark,
      message: item.querySelector(".message").textContent,
      line: number(line),
      column: number(column),
      endLine: number(endLine),
      endColumn: number(endColumn),
      text: sentLine(item, number(line)),
    };
  });
  for (const area of form.querySelectorAll("textarea[data-language]")) {
    const file = area.name.startsWith("file:") ? area.name.slice("file:".length) : undefined;
    editors.remark(area, said.filter((one) => one.file === file));
  }
}
