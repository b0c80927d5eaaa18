// IEx in the page: opens below the button that asks for it, and carries lines over a WebSocket. Without this script the
// same button leads to a page of its own with the same form.

const KEPT = "athanor-console";
const RECONNECT = 1000;
const TRIES = 8;
const SHOWN = 4000;
const HISTORY = 200;

function store(value) {
  try {
    if (value) sessionStorage.setItem(KEPT, JSON.stringify(value));
    else sessionStorage.removeItem(KEPT);
  } catch {}
}

function stored() {
  try {
    return JSON.parse(sessionStorage.getItem(KEPT));
  } catch {
    return null;
  }
}

/** A console's panel, connected. `opener` is the button to go back to, if there is one. */
class Panel {
  constructor(section, opener) {
    this.section = section;
    this.opener = opener;
    this.id = section.dataset.consolePanel;
    this.last = Number(section.dataset.last);
    this.log = section.querySelector("[data-log]");
    this.words = section.querySelector("[data-words]");
    this.form = section.querySelector("[data-lines]");
    this.history = [];
    this.tries = 0;
    this.waited = this.words.textContent !== "";
    if (!this.form) return;
    this.area = this.form.querySelector("textarea");
    this.prompt = this.form.querySelector("[data-prompt]");
    if (this.prompt.textContent !== "…") this.waiting = this.prompt.textContent;
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.send();
    });
    section.addEventListener("keydown", (event) => this.key(event));
    this.area.addEventListener("input", () => this.fit());
    this.on("[data-interrupt]", () => this.say({ op: "interrupt" }));
    this.on("[data-close]", () => this.close());
    this.scroll();
    this.connect();
  }

  on(selector, act) {
    this.section.querySelector(selector).addEventListener("click", (event) => {
      event.preventDefault();
      act();
    });
  }

  connect() {
    const address = new URL(`/consoles/${this.id}/socket?after=${this.last}`, location.href);
    address.protocol = address.protocol.replace("http", "ws");
    const socket = new WebSocket(address);
    this.socket = socket;
    socket.addEventListener("open", () => this.eager && this.send());
    socket.addEventListener("message", (event) => this.hear(JSON.parse(event.data)));
    socket.addEventListener("close", ({ code, reason }) => {
      if (this.over || this.socket !== socket) return;
      this.eager = false;
      // What was said last was not taken.
      this.giveBack();
      if (code === 1009) this.tell(`That was not taken: ${reason}.`);
      else this.tell("The connection is gone. Trying again.");
      this.lost = code !== 1009;
      if (this.tries++ < TRIES) setTimeout(() => this.connect(), RECONNECT * Math.min(this.tries, 4));
      else this.end("Sorry, IEx was lost: the site cannot be reached. You may open a new one.");
    });
  }

  hear({ op, kind, text, seq, words, detail }) {
    if (op === "piece") this.show(kind, text, seq);
    else if (op === "state") {
      this.tries = 0;
      // What was said of the connection is true no more; anything else stays to be read.
      if (words || this.lost || this.waited) this.tell(words ?? "");
      this.waited = Boolean(words);
      this.lost = false;
    } else if (op === "taken") this.sent = null;
    else if (op === "refused") {
      this.giveBack();
      this.tell(detail);
    } else if (op === "ended") this.end(words);
  }

  show(kind, text, seq) {
    this.last = seq;
    this.section.dataset.last = seq;
    if (kind === "prompt") {
      this.waiting = text;
      this.prompt.textContent = text;
      return;
    }
    if (kind === "typed" && this.waiting !== undefined) {
      this.add("prompt", this.waiting);
      this.waiting = undefined;
      this.prompt.textContent = "…";
    }
    this.add(kind, kind === "output" ? text : `${text}\n`);
    this.scroll();
  }

  add(kind, text) {
    const span = document.createElement("span");
    span.className = kind;
    span.textContent = text;
    this.log.append(span);
    while (this.log.childNodes.length > SHOWN) this.log.firstChild.remove();
  }

  scroll() {
    this.log.scrollTop = this.log.scrollHeight;
  }

  tell(words) {
    this.words.textContent = words;
  }

  say(message) {
    if (this.socket.readyState === WebSocket.OPEN) {
      this.socket.send(JSON.stringify(message));
      return true;
    }
    this.tell("The connection is gone. Trying again; what you typed is still here.");
    return false;
  }

  send() {
    // A page has its prompt before it has its connection: the line goes as soon as there is one.
    this.eager = this.socket.readyState === WebSocket.CONNECTING;
    if (this.eager) return;
    const text = this.area.value;
    if (this.sent || !this.say({ op: "lines", text })) return;
    this.tell("");
    this.sent = { text };
    if (text && this.history.at(-1) !== text) this.history.push(text);
    if (this.history.length > HISTORY) this.history.shift();
    this.at = this.history.length;
    this.put("");
  }

  // Nothing that was typed is lost.
  giveBack() {
    if (this.sent && !this.area.value) this.put(this.sent.text);
    this.sent = null;
  }

  put(text) {
    this.area.value = text;
    this.fit();
  }

  fit() {
    this.area.rows = Math.min(this.area.value.split("\n").length, 12);
  }

  key(event) {
    if (event.key === "Escape") {
      event.preventDefault();
      (this.opener ?? this.section.querySelector("[data-close]")).focus();
      return;
    }
    // Ctrl+C copies where something is chosen.
    const chosen = this.area.selectionStart !== this.area.selectionEnd || String(getSelection());
    if (event.key.toLowerCase() === "c" && event.ctrlKey && !event.shiftKey && !chosen) {
      event.preventDefault();
      this.say({ op: "interrupt" });
      return;
    }
    if (event.target !== this.area || event.isComposing) return;
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      this.send();
    }
    const before = this.area.value.slice(0, this.area.selectionStart);
    const after = this.area.value.slice(this.area.selectionEnd);
    if (event.key === "ArrowUp" && !before.includes("\n")) this.recall(event, -1);
    if (event.key === "ArrowDown" && !after.includes("\n")) this.recall(event, 1);
  }

  recall(event, step) {
    const at = (this.at ?? this.history.length) + step;
    if (at < 0 || at > this.history.length) return;
    event.preventDefault();
    if ((this.at ?? this.history.length) === this.history.length) this.draft = this.area.value;
    this.at = at;
    this.put(this.history[at] ?? this.draft ?? "");
    this.area.setSelectionRange(this.area.value.length, this.area.value.length);
  }

  end(words) {
    this.over = true;
    store(null);
    this.socket?.close();
    const had = this.section.contains(document.activeElement);
    for (const form of this.section.querySelectorAll("form")) form.remove();
    this.tell(words);
    this.closable();
    if (had) this.log.focus();
  }

  // What was shown stays until it is put away.
  closable() {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "plain";
    button.textContent = "Put away";
    button.addEventListener("click", () => this.remove());
    if (this.opener) this.section.querySelector("header").append(button);
  }

  close() {
    this.over = true;
    store(null);
    // The form's own way, where there is no socket.
    if (!this.say({ op: "close" })) fetch(`/consoles/${this.id}/close`, { method: "POST", headers: { Accept: "application/json" } }).catch(() => {});
    if (this.opener) this.remove();
    else location.assign(document.querySelector("#line a").href);
  }

  remove() {
    this.over = true;
    this.socket?.close();
    this.section.remove();
    this.opener?.focus();
  }
}

let panel = null;
let builds = 0;

function place(opener) {
  const box = opener.closest("[data-exercise], [data-block]");
  return { box, live: box.querySelector("[data-live]"), result: box.querySelector("[data-result]") };
}

async function build(opener, id, focus) {
  builds += 1;
  const mine = builds;
  const answer = await fetch(`/consoles/${id}`, { headers: { Accept: "application/json" } });
  if (!answer.ok) return false;
  const { html, state } = await answer.json();
  if (state === "ended" && !focus) return false;
  // Another one was opened while this one's answer was on its way.
  if (mine !== builds) return true;
  // Who went on elsewhere meanwhile stays there.
  const free = [opener, document.body].includes(document.activeElement) || panel?.section.contains(document.activeElement);
  panel?.remove();
  const template = document.createElement("template");
  template.innerHTML = html.trim();
  const section = template.content.firstElementChild;
  place(opener).result.after(section);
  panel = new Panel(section, opener);
  if (focus && free) panel.area?.focus();
  return true;
}

async function open(opener) {
  const { live } = place(opener);
  if (opener.getAttribute("aria-disabled") === "true") return;
  opener.setAttribute("aria-disabled", "true");
  live.textContent = "Opening IEx";
  let said = "The server cannot be reached. Please try again.";
  try {
    const body = new URLSearchParams(new FormData(opener.form));
    const answer = await fetch(opener.formAction, { method: "POST", body, headers: { Accept: "application/json" } });
    const json = await answer.json();
    said = json.detail ?? said;
    if (answer.status === 201) {
      store({ id: json.id, opener: opener.getAttribute("formaction"), page: location.pathname });
      if (await build(opener, json.id, true)) said = "";
    } else if (answer.status === 401) {
      // The session ended: the server's page says so and keeps the code.
      opener.form.requestSubmit(opener);
    }
  } catch {}
  opener.removeAttribute("aria-disabled");
  live.textContent = "";
  if (said) complain(opener, said);
}

function complain(opener, text) {
  const { result } = place(opener);
  result.parentElement.querySelector("[data-console-trouble]")?.remove();
  const box = document.createElement("div");
  box.className = "notice bad";
  box.dataset.consoleTrouble = "";
  box.setAttribute("role", "alert");
  box.append(Object.assign(document.createElement("p"), { textContent: text }));
  result.before(box);
}

for (const opener of document.querySelectorAll("button[data-console]")) {
  opener.addEventListener("click", (event) => {
    event.preventDefault();
    place(opener).result.parentElement.querySelector("[data-console-trouble]")?.remove();
    open(opener);
  });
}

// A page of its own, or one that was loaded again while its console was open.
const alone = document.querySelector("main > [data-console-panel]");
if (alone) {
  panel = new Panel(alone, null);
} else {
  const kept = stored();
  const opener = kept?.page === location.pathname && [...document.querySelectorAll("button[data-console]")].find((button) => button.getAttribute("formaction") === kept.opener);
  if (opener) build(opener, kept.id, false).then((built) => built || store(null)).catch(() => {});
}
