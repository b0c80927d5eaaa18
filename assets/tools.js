// The row above an editor: format, back to the starter, and how the reader wants editors to be.

import * as editors from "./editors.js";

const KEY = "athanor-editor";
const SCALES = [0.8, 0.9, 1, 1.15, 1.3, 1.5, 1.75, 2];
const settings = { scale: 1, tab: false, vim: false, ...remembered() };

function remembered() {
  try {
    return JSON.parse(localStorage.getItem(KEY));
  } catch {
    return null;
  }
}

function remember() {
  try {
    localStorage.setItem(KEY, JSON.stringify(settings));
  } catch {
    // A browser that keeps nothing: it holds for this page.
  }
}

function apply() {
  if (settings.scale === 1) document.documentElement.style.removeProperty("--code-scale");
  else document.documentElement.style.setProperty("--code-scale", settings.scale);
  for (const box of document.querySelectorAll("[data-settings]")) {
    for (const field of box.querySelectorAll("input[name]")) field.checked = settings[field.name];
    box.querySelector("output").textContent = `${Math.round(settings.scale * 100)} %`;
    const at = SCALES.indexOf(settings.scale);
    for (const button of box.querySelectorAll("button[data-step]")) {
      const there = at + Number(button.dataset.step);
      button.setAttribute("aria-disabled", String(there < 0 || there >= SCALES.length));
    }
  }
  editors.configure({ ...settings });
}

if (!SCALES.includes(settings.scale)) settings.scale = 1;
for (const box of document.querySelectorAll("[data-settings]")) {
  box.hidden = false;
  box.addEventListener("change", ({ target }) => {
    if (!(target.name in settings)) return;
    settings[target.name] = target.checked;
    remember();
    apply();
  });
  box.addEventListener("click", ({ target }) => {
    const step = target.closest("button[data-step]");
    const there = step && SCALES[SCALES.indexOf(settings.scale) + Number(step.dataset.step)];
    if (!there) return;
    settings.scale = there;
    remember();
    apply();
  });
  box.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    box.open = false;
    box.querySelector("summary").focus();
  });
}
apply();

// Both buttons have the server say what the text is to be.
async function fetched(form, button) {
  const said = form.querySelector("[data-said]");
  const areas = [...form.querySelectorAll("textarea[data-language]")];
  const before = areas.map((area) => area.value);
  const named = (file) => form.elements[file ? `file:${file}` : "source"];
  said.textContent = "";
  button.setAttribute("aria-disabled", "true");
  try {
    const body = new URLSearchParams(new FormData(form));
    const answer = await fetch(button.formAction, { method: "POST", body, headers: { Accept: "application/json" } });
    const json = await answer.json();
    if (areas.some((area, at) => area.value !== before[at])) {
      said.textContent = "You went on typing meanwhile, so nothing was changed.";
    } else if (answer.ok) {
      for (const { name, text } of json.files ?? [{ text: json.source }]) {
        const area = named(name);
        if (area && area.value !== text) editors.replace(area, text);
      }
      for (const area of areas) editors.remark(area, []);
      said.textContent = json.sentence;
    } else {
      said.textContent = json.detail ?? "Something went wrong. Your code is as it was.";
      const { line, column, file, message } = json;
      if (line) editors.remark(named(file), [{ severity: "error", message, line, column }]);
    }
  } catch {
    said.textContent = "The server cannot be reached. Your code is as it was.";
  }
  button.removeAttribute("aria-disabled");
}

for (const form of document.querySelectorAll("[data-exercise] form:has([data-tool])")) {
  form.addEventListener("submit", (event) => {
    const button = event.submitter?.closest("[data-tool]");
    // What an editor holds can be undone. Without one the page that comes keeps what was there.
    if (!button || (button.value === "starter" && !editors.over(form.querySelector("textarea[data-language]")))) return;
    event.preventDefault();
    if (button.getAttribute("aria-disabled") !== "true") fetched(form, button);
  });
  form.addEventListener("keydown", (event) => {
    if (event.code !== "KeyF" || !event.shiftKey || !event.altKey || event.ctrlKey || event.metaKey) return;
    const button = form.querySelector("[data-tool][value=format]");
    if (!button) return;
    event.preventDefault();
    form.requestSubmit(button);
  });
}
