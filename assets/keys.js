// Single keys, wherever nothing is typed. They can be turned off, for those whose voice or hand presses them by chance.

const OFF = "single-keys-off";
const actions = new Map();
const typing = (target) => target.closest("input, textarea, select, [contenteditable='true'], [role=textbox]") !== null;

/** From now on this key does that. */
export function on(key, action) {
  actions.set(key, action);
}

// A browser that keeps nothing has no settings, either.
function remembered() {
  try {
    return localStorage.getItem(OFF) !== null;
  } catch {
    return false;
  }
}

function remember(off) {
  try {
    if (off) localStorage.setItem(OFF, "1");
    else localStorage.removeItem(OFF);
  } catch {}
}

document.addEventListener("keydown", (event) => {
  // Where a sign is typed with AltGr or Option, the key is the sign all the same.
  const composed = event.getModifierState("AltGraph") || (event.altKey && /^[[\]]$/.test(event.key));
  if (event.metaKey || ((event.ctrlKey || event.altKey) && !composed) || event.defaultPrevented || event.isComposing) return;
  if (remembered() || typing(event.target) || document.querySelector("dialog[open]")) return;
  const action = actions.get(event.key);
  if (!action) return;
  event.preventDefault();
  action();
});

// The list of them.
const list = document.getElementById("keys");
const opener = document.getElementById("open-keys");
if (list && opener) {
  const box = document.getElementById("single-keys");
  const open = () => {
    box.checked = !remembered();
    list.showModal();
  };
  opener.hidden = false;
  opener.addEventListener("click", open);
  box.addEventListener("change", () => remember(!box.checked));
  // A click beside the list closes it.
  list.addEventListener("click", (event) => {
    if (event.target === list) list.close();
  });
  on("?", open);
}

// Lessons before and after.
for (const [key, rel] of [["]", "next"], ["[", "prev"]]) {
  on(key, () => document.querySelector(`.steps a[rel=${rel}]`)?.click());
}

// Exercises of this page, by where the reader is: the focus, or else what is seen at the top.
function step(forward) {
  const all = [...document.querySelectorAll("section.exercise")];
  const inside = document.activeElement?.closest("section.exercise");
  const edge = (section) => section.getBoundingClientRect().top;
  const margin = 80;
  const wanted = inside
    ? all[all.indexOf(inside) + (forward ? 1 : -1)]
    : forward
      ? all.find((section) => edge(section) > margin)
      : all.findLast((section) => edge(section) < 0);
  if (!wanted) return;
  wanted.tabIndex = -1;
  wanted.focus({ preventScroll: true });
  wanted.scrollIntoView({ block: "start" });
}
on("j", () => step(true));
on("k", () => step(false));
