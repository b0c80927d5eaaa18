// A page of `athanor preview`: new as soon as something is saved, without losing its place or what was typed; and the
// panel that tries starter, reference and wrong answers.

const said = document.querySelector("[data-preview]");
let shown = null;

// What the server sent last, to see whether a change is one of this page.
const lists = (page) => [...page.querySelectorAll("#course h2, #course ul")];
const sent = (page) => [page.getElementById("main"), ...lists(page)].map((element) => element.outerHTML).join("");
let last = null;

new EventSource("/changes").addEventListener("message", async ({ data }) => {
  // The first number comes with the connection: the page may have changed since it was made.
  shown = data;
  const text = await fetch(location.href).then((answer) => answer.text(), () => null);
  // A later change is on its way to be shown.
  if (text === null || data !== shown) return;
  const page = new DOMParser().parseFromString(text, "text/html");
  if (!page.getElementById("main") || sent(page) === last) return;
  const first = last === null;
  last = sent(page);
  // The page was made in this very state.
  if (first && data === said.dataset.preview) return;
  replace(page);
  if (!first) said.textContent = `Preview · new at ${new Date().toLocaleTimeString()}`;
});

// The field that finds lessons stays: its listeners hang on it.
function replace(page) {
  const place = [scrollX, scrollY];
  const kept = remember();
  document.title = page.title;
  for (const old of lists(document)) old.remove();
  document.getElementById("course").append(...lists(page));
  document.getElementById("main").replaceChildren(...page.getElementById("main").childNodes);
  recall(kept);
  for (const block of document.querySelectorAll("#main pre:not([tabindex])")) {
    if (block.scrollWidth > block.clientWidth) block.tabIndex = 0;
  }
  scrollTo({ left: place[0], top: place[1], behavior: "instant" });
}

const summaries = () => [...document.querySelectorAll("#main details")];
const key = (details, at) => `${exampleOf(details) ?? at} ${details.querySelector("summary")?.textContent}`;

// An example is known by its text, since one that was put in above it changes its number; of equal ones it is the nth.
function known() {
  const seen = new Map();
  return [...document.querySelectorAll("[data-block]")].map((box) => {
    const text = box.querySelector("textarea").defaultValue;
    seen.set(text, (seen.get(text) ?? 0) + 1);
    return { box, name: `${seen.get(text)} ${text}` };
  });
}
const exampleOf = (element) => known().find(({ box }) => box.contains(element))?.name;
const exampleLike = (wanted) => known().find(({ name }) => name === wanted)?.box;

// What was typed, which details are open, the results, and where the cursor is.
function remember() {
  const typed = new Map();
  for (const area of document.querySelectorAll("#main textarea")) {
    if (area.value !== area.defaultValue) typed.set(area.id, { text: area.value, example: exampleOf(area) });
  }
  const examples = new Map();
  for (const box of document.querySelectorAll("[data-block]")) {
    const nodes = [...box.querySelector("[data-result]").childNodes];
    if (nodes.some((node) => node.nodeType === Node.ELEMENT_NODE)) examples.set(exampleOf(box), nodes);
  }
  const results = new Map();
  for (const section of document.querySelectorAll("[data-exercise]")) {
    results.set(section.id, [...section.querySelector("[data-result]").childNodes]);
  }
  const open = new Map(outside().map((details, at) => [key(details, at), details.open]));
  const { id, selectionStart, selectionEnd } = document.activeElement ?? {};
  return { typed, results, examples, open, cursor: { id, selectionStart, selectionEnd } };
}

function recall({ typed, results, examples, open, cursor }) {
  for (const [id, { text, example }] of typed) {
    const area = example === undefined ? document.getElementById(id) : exampleLike(example)?.querySelector("textarea");
    if (area) area.value = text;
  }
  for (const [text, nodes] of examples) exampleLike(text)?.querySelector("[data-result]").replaceChildren(...nodes);
  for (const [at, details] of outside().entries()) details.open = open.get(key(details, at)) ?? details.open;
  for (const [id, nodes] of results) {
    document.getElementById(id)?.querySelector("[data-result]")?.replaceChildren(...nodes);
  }
  const focused = cursor.id ? document.getElementById(cursor.id) : null;
  focused?.focus({ preventScroll: true });
  if (focused?.setSelectionRange) focused.setSelectionRange(cursor.selectionStart, cursor.selectionEnd);
}

// Results keep their own.
function outside() {
  return summaries().filter((details) => !details.closest("[data-result]"));
}

// Of two tries at the same place only the later one's answer is shown.
const turns = new Map();
const turn = (place) => turns.set(place, (turns.get(place) ?? 0) + 1).get(place);

document.addEventListener("submit", async (event) => {
  const form = event.target.closest("[data-try]");
  if (!form) return;
  event.preventDefault();
  const { submitter } = event;
  const sent = new URLSearchParams(new FormData(form, submitter));
  if (submitter?.dataset.nth) sent.set("nth", submitter.dataset.nth);
  const id = form.closest("[data-exercise]").id;
  const mine = turn(id);
  tell(id, "It runs.");
  const answer = await fetch(form.action, { method: "POST", body: sent }).catch(() => null);
  const text = answer ? await answer.text() : "The preview does not answer. Is it still running?";
  if (mine !== turns.get(id)) return;
  tell(id, answer?.ok ? "The result is there." : text, answer?.ok ? text : null);
});

document.addEventListener("submit", async (event) => {
  const form = event.target.closest("[data-block] form");
  if (!form) return;
  event.preventDefault();
  const example = exampleOf(form);
  const mine = turn(example);
  say(example, "It runs.");
  const body = new URLSearchParams(new FormData(form));
  const answer = await fetch(form.action, { method: "POST", body, headers: { Accept: "application/json" } }).catch(() => null);
  const json = await answer?.json().catch(() => null);
  if (mine !== turns.get(example)) return;
  say(example, json?.sentence ?? json?.detail ?? "The preview does not answer. Is it still running?", json?.html);
});

// Ctrl+Enter runs an example, as on the site.
document.addEventListener("keydown", (event) => {
  const form = event.target.closest?.("[data-block] form");
  if (!form || event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
  event.preventDefault();
  form.requestSubmit(form.querySelector("button"));
});

// The page may have been replaced meanwhile here, too.
function say(example, words, html = null) {
  const box = exampleLike(example);
  if (!box) return;
  box.querySelector("[data-live]").textContent = words;
  const result = box.querySelector("[data-result]");
  // The server made it of its own templates.
  if (html !== null) result.innerHTML = html;
  else result.textContent = words;
}

// The page may have been replaced meanwhile, so that everything is looked for anew.
function tell(id, words, html = null) {
  const section = document.getElementById(id);
  if (!section) return;
  section.querySelector("[data-live]").textContent = words;
  const result = section.querySelector("[data-result]");
  // The server made it of its own templates.
  if (html !== null) result.innerHTML = html;
  else result.textContent = words;
}

// A remark leads to its line in the editor, where that is the text that it is about.
document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-exercise] [data-result] a");
  if (!link) return;
  event.preventDefault();
  const area = link.closest("[data-exercise]").querySelector("textarea");
  const lines = area.value.split("\n");
  const line = Number(link.dataset.line);
  if (!(line >= 1 && line <= lines.length)) return;
  const start = lines.slice(0, line - 1).reduce((length, text) => length + text.length + 1, 0);
  area.focus();
  area.setSelectionRange(start, start + lines[line - 1].length);
});
