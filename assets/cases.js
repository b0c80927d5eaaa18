// The cases of an exercise while they run: all are known beforehand, and fill in as their results come.

/** The panel of an exercise as it is before anything ran, or undefined where there is none. */
export function blank(section) {
  const kept = section.querySelector("template[data-panel]")?.content.firstElementChild;
  return (kept ?? section.querySelector("[data-panel]"))?.cloneNode(true);
}

function mark(item, { word, tone, sign }) {
  const badge = item.querySelector(".badge");
  badge.className = `badge ${tone}`;
  badge.replaceChildren();
  if (sign) {
    const decoration = document.createElement("span");
    decoration.ariaHidden = "true";
    decoration.textContent = sign;
    badge.append(decoration, " ");
  }
  badge.append(word);
}

const WAITING = { word: "Waiting", tone: "waiting", sign: "–" };

/** What is shown of one run until its verdict is there. */
export class Running {
  constructor(panel, kind) {
    this.box = panel;
    this.done = new Set();
    panel.classList.remove("idle");
    for (const item of panel.querySelectorAll("[data-case]")) {
      // A run does not try what is hidden.
      if (kind === "run" && "hidden" in item.dataset) item.remove();
      else mark(item, WAITING);
    }
    this.total = panel.querySelectorAll("[data-case]").length;
  }

  say(headline, note) {
    const strong = this.box.querySelector("strong");
    if (strong.textContent !== headline) strong.textContent = headline;
    if (this.done.size === 0) this.note(note);
  }

  note(text) {
    this.box.querySelector(".meta").textContent = text;
  }

  /** A case has its result. */
  add({ name, badge }) {
    const item = [...this.box.querySelectorAll("[data-case]")].find((item) => item.dataset.case === name);
    if (item) mark(item, badge);
    this.done.add(name);
    this.note(this.total ? `${this.done.size} of ${this.total} cases ran` : `${this.done.size} cases ran`);
  }

  /** A button beside what is waited for. */
  offerToCancel(location) {
    if (this.box.querySelector("form")) return;
    const form = document.createElement("form");
    form.className = "cancel";
    form.method = "post";
    form.action = `${location}/cancel`;
    const button = document.createElement("button");
    button.className = "plain";
    button.textContent = "Call it off";
    form.append(button);
    this.box.querySelector(".headline").append(form);
  }
}
