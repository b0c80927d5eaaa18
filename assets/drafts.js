// What is typed at an exercise is kept: on this device at once, and on the server when the typing pauses. Of two versions
// neither is overwritten before somebody has chosen.

import { replace } from "./editors.js";
import { uuid } from "./uuid.js";

/** Milliseconds without a key after which the server is told, and the longest that it is not told. */
const PAUSE = 700;
const LONGEST = 5000;
/** Milliseconds until the first and the last repetition while the server cannot be reached. */
const FIRST_RETRY = 1000;
const LAST_RETRY = 30_000;
/** Milliseconds after which an answer is not waited for any more. */
const PATIENCE = 15_000;
/** Characters of a request that a browser still sends for a page that is gone: 64 KiB by the Fetch standard, less room for signs of several bytes. */
const LAST_WORD = 20_000;

// This load of the page, in the server's eyes: it may replace its own words.
const page = uuid();

// For whom the page was made: a lasting name and one for the session. Others on the same browser have others.
// A page for somebody unknown is the same for all of them; there the server has put the session's name into a cookie.
const owners = (
  document.querySelector("meta[name=athanor-owners]")?.content ?? /(?:^|; )drafts=([\w-]+)/.exec(document.cookie)?.[1] ?? ""
).split(" ").filter((owner) => owner !== "");

const LOCAL_ONLY = "Saved on this device only: the server cannot be reached.";

/** What this browser keeps, by owner, exercise and page. All of it fails quietly: a browser may refuse to keep anything. */
const shelf = {
  name: (owner, exercise, of) => `draft ${owner} ${exercise} ${of}`,
  put(owner, exercise, entry) {
    try {
      localStorage.setItem(this.name(owner, exercise, page), JSON.stringify(entry));
      return true;
    } catch {
      return false;
    }
  },
  remove(name) {
    try {
      localStorage.removeItem(name);
    } catch {}
  },
  names() {
    try {
      return Object.keys(localStorage);
    } catch {
      return [];
    }
  },
  /** Entries of an exercise, the newest first. */
  all(exercise) {
    const found = [];
    const starts = owners.map((owner) => this.name(owner, exercise, ""));
    for (const name of this.names()) {
      if (!starts.some((start) => name.startsWith(start))) continue;
      try {
        const entry = JSON.parse(localStorage.getItem(name));
        if (Array.isArray(JSON.parse(entry.text))) found.push({ ...entry, name });
      } catch {}
    }
    return found.sort((a, b) => b.at - a.at);
  },
};

const channel = "BroadcastChannel" in window ? new BroadcastChannel("athanor drafts") : null;

function element(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

class Draft {
  constructor(form, areas) {
    this.form = form;
    this.areas = areas;
    this.exercise = form.closest("[data-exercise]").dataset.exercise;
    this.status = form.querySelector("[data-draft]");
    this.live = form.parentElement.querySelector("[data-live]");
    // For whom it is kept, and all names of theirs, by which tabs of one person know each other.
    this.owner = owners[0];
    this.names = owners;
    this.base = form.elements.draft.value || null;
    this.seq = 0;
    this.failures = 0;
    this.sent = null;
    this.conflicts = [];
    this.ancestors = new Set();
    // What the server has; of a page that came back with what was typed that is not what the editors hold.
    this.saved = "unsaved" in form.elements.draft.dataset ? null : this.text();
    form.querySelector("[data-save]")?.setAttribute("hidden", "");
    // What the page says for readers without scripts is found out and said anew.
    form.querySelector(".versions:has([name=keep])")?.remove();
    form.addEventListener("input", (event) => this.areas.includes(event.target) && this.changed());
    form.addEventListener("formdata", (event) => this.stamp(event.formData));
    this.recall();
    if (this.dirty()) this.changed();
  }

  /** The editors' code as one text that can be compared: names and texts. */
  text() {
    return JSON.stringify(this.areas.map((area) => [area.name, area.value]));
  }

  /** Whether the server may have something else, be it only until what is on its way has arrived. */
  dirty() {
    const text = this.text();
    return text !== this.saved || Boolean(this.busy && text !== this.sent);
  }

  /** What is sent belongs to this page; the server makes it the draft. */
  stamp(data) {
    this.seq += 1;
    data.set("draft", this.base ?? "");
    data.set("page", page);
    data.set("seq", String(this.seq));
    this.sent = this.text();
    // Asks afterwards which revision it has become, unless a page comes that knows.
    this.saved = null;
    if (this.handed !== this.text()) this.later(PAUSE);
  }

  /** What this browser kept of an earlier page goes on where it was based on what the server has. */
  recall() {
    const mine = this.text();
    const read = (texts) => texts.join("\n").trim();
    const beside = [...this.form.querySelectorAll(".versions, .notice.kept")].map((box) => read([...box.querySelectorAll("pre")].map((code) => code.textContent)));
    for (const entry of shelf.all(this.exercise)) {
      // The server may have it: in the editor, or among the versions that it keeps beside it. Or the page shows it as what the
      // starter replaced.
      const kept = beside.includes(read(JSON.parse(entry.text).map(([, text]) => text)));
      const known = kept || entry.text === mine || entry.text === this.text();
      const follows = entry.base === this.base || entry.sent === mine;
      if (!known && follows && !this.dirty()) {
        this.write(entry.text);
        // That page's last word may still be on its way.
        this.ancestors.add(entry.text).add(entry.sent);
      } else if (!known) {
        this.conflicts.push({ text: entry.text, at: entry.at, name: entry.name });
        continue;
      }
      shelf.remove(entry.name);
    }
    if (this.conflicts.length) this.showConflict();
  }

  write(text) {
    try {
      const texts = new Map(JSON.parse(text));
      for (const area of this.areas) if (texts.has(area.name)) replace(area, texts.get(area.name));
    } catch {}
  }

  changed() {
    this.kept = this.keep();
    if (!this.dirty() && !this.conflicts.length) {
      this.say("Saved");
      return;
    }
    this.since ??= Date.now();
    if (!this.trouble) this.say("Saving …");
    if (!this.waiting) this.later(Math.max(0, Math.min(PAUSE, this.since + LONGEST - Date.now())));
  }

  /** On this device, at once, for as long as the server does not have it. */
  keep() {
    if (this.dirty()) {
      return shelf.put(this.owner, this.exercise, { text: this.text(), base: this.base, sent: this.sent, at: Date.now() });
    }
    shelf.remove(shelf.name(this.owner, this.exercise, page));
    return true;
  }

  later(after) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.save(), after);
  }

  /** One request at a time; what was typed meanwhile is sent after it. */
  async save({ last = false } = {}) {
    clearTimeout(this.timer);
    if (!this.dirty() || this.conflicts.length || this.stranger) return;
    if (this.busy && !last) return;
    // The form that leads away has taken it along.
    if (last && this.handed === this.text()) return;
    this.waiting = false;
    this.since = null;
    this.seq += 1;
    const text = this.text();
    this.sent = text;
    this.kept = this.keep();
    const request = this.request(text);
    request.keepalive = last && request.body.length < LAST_WORD;
    if (this.busy) {
      // A last word beside the one that is under way; if the page stays after all, it asks again.
      if (request.keepalive) fetch(this.address(), request).catch(() => {});
      return;
    }
    this.busy = true;
    try {
      const answer = await fetch(this.address(), { ...request, signal: AbortSignal.timeout(PATIENCE) });
      await this.heard(answer, text);
    } catch {
      this.doubt();
    } finally {
      this.busy = false;
    }
    if (this.dirty() && !this.waiting && !this.refused && !this.stranger && !this.conflicts.length) this.later(PAUSE);
  }

  address() {
    return `/api/v1/exercises/${encodeURIComponent(this.exercise)}/draft`;
  }

  request(text) {
    const parts = JSON.parse(text);
    const single = parts.length === 1 && parts[0][0] === "source";
    const code = single ? { source: parts[0][1] } : { files: parts.map(([name, text]) => ({ name: name.replace(/^file:/, ""), text })) };
    const headers = { "Content-Type": "application/json" };
    if (this.base) headers["If-Match"] = `"${this.base}"`;
    const owner = this.owner ? { owner: this.owner } : {};
    return { method: "PUT", headers, body: JSON.stringify({ ...code, page, seq: this.seq, ...owner }) };
  }

  async heard(answer, text) {
    const json = await answer.json().catch(() => ({}));
    this.refused = false;
    if (answer.ok) return this.arrived(json, text);
    if (answer.status === 409 && json.draft) return this.collided(json.draft);
    if (answer.status === 401) return this.retry("Your session has ended: what you type is kept on this device.", { href: `/sign-in?next=${encodeURIComponent(location.pathname)}`, words: "Sign in to save it" });
    if (answer.status === 429) return this.retry("Saved on this device; the server is told in a moment.", { after: 1000 * (Number(answer.headers.get("Retry-After")) || 1), quiet: true });
    if (answer.status === 403 && json.type?.endsWith(":another-person")) return this.strange();
    if (answer.status >= 500) return this.doubt();
    // It will not be taken until it changes.
    this.refused = true;
    this.complain(`Saved on this device only. ${json.detail ?? ""}`);
  }

  arrived({ revision, owner }, text) {
    const before = this.base;
    this.base = revision;
    this.form.elements.draft.value = revision;
    this.saved = text;
    this.failures = 0;
    if (owner && owner !== this.owner) {
      shelf.remove(shelf.name(this.owner, this.exercise, page));
      this.names = [owner, ...this.names];
      this.owner = owner;
    }
    this.keep();
    if (this.trouble) this.announce("Saved.");
    this.trouble = false;
    this.say(this.dirty() ? "Saving …" : "Saved");
    if (before !== revision) channel?.postMessage({ names: this.names, exercise: this.exercise, revision, text });
  }

  /** Another version is there: what this page itself has gone on from, or somebody else's. */
  collided(draft) {
    const text = this.fields(draft);
    if (this.ancestors.delete(text)) {
      this.base = draft.revision;
      return this.later(0);
    }
    this.collide({ text, revision: draft.revision, at: Date.parse(draft.updated_at) });
  }

  /** A draft of the server, in the form of `text`. */
  fields(draft) {
    const parts = draft.files ? draft.files.map((file) => [`file:${file.name}`, file.text]) : [["source", draft.source]];
    return JSON.stringify(parts);
  }

  collide(other) {
    // The server's newest takes the place of an earlier one that was not chosen from yet.
    this.conflicts = [...this.conflicts.filter((earlier) => earlier.name), other];
    this.keep();
    this.showConflict();
  }

  showConflict() {
    const other = this.conflicts.at(-1);
    this.box?.remove();
    this.complain("Not saved: there are two versions.");
    this.announce("There are two versions of your code. Choose one of them below the editor.");
    const id = `versions-${this.exercise}`;
    const when = element("time", { dateTime: new Date(other.at).toISOString(), textContent: new Date(other.at).toLocaleString() });
    const where = other.name ? "was typed on this device and not saved" : "was saved from another tab or device";
    const parts = JSON.parse(other.text).flatMap(([name, text]) => {
      const code = element("pre", { tabIndex: 0, textContent: text });
      return name === "source" ? [code] : [element("p", {}, element("code", { textContent: name.replace(/^file:/, "") })), code];
    });
    const choice = (words, choose) => {
      const button = element("button", { type: "button", textContent: words });
      button.addEventListener("click", () => this.choose(choose));
      return button;
    };
    this.box = element(
      "div",
      { className: "notice warn versions" },
      element("p", { id }, element("strong", { textContent: "There are two versions of your code." }), ` One is in the editor. The other one ${where}, `, when, "."),
      element("details", { open: true }, element("summary", { textContent: "The other version" }), ...parts),
      element("p", { className: "actions" }, choice("Keep what is in the editor", () => {}), choice("Take the other version", () => this.write(other.text))),
    );
    this.box.setAttribute("role", "group");
    this.box.setAttribute("aria-labelledby", id);
    this.form.querySelector("[name=kind]").closest(".actions").before(this.box);
  }

  choose(act) {
    const other = this.conflicts.pop();
    const focus = this.box.contains(document.activeElement);
    this.box.remove();
    this.box = null;
    if (other.name) shelf.remove(other.name);
    if (other.revision) {
      this.base = other.revision;
      this.saved = other.text;
    }
    this.trouble = false;
    act();
    if (this.conflicts.length) this.showConflict();
    this.changed();
    if (this.dirty()) this.later(0);
    if (focus) this.form.querySelector("[name=kind]").focus();
  }

  /** The same person saved it in another tab. */
  elsewhere({ revision, text }) {
    if (revision === this.base) return;
    if (text === this.text()) {
      this.base = revision;
      this.form.elements.draft.value = revision;
      this.saved = text;
      this.keep();
    } else if (this.dirty() || this.conflicts.length) {
      this.collide({ text, revision, at: Date.now() });
    } else {
      this.base = revision;
      this.form.elements.draft.value = revision;
      this.saved = text;
      this.write(text);
      this.say("Changed in another tab just now");
    }
  }

  /** Somebody signed in or out since: nothing is sent in another's name unless they say so. */
  strange() {
    this.stranger = true;
    const button = element("button", { type: "button", className: "plain", textContent: "Save it for whoever is signed in now" });
    button.addEventListener("click", () => {
      shelf.remove(shelf.name(this.owner, this.exercise, page));
      this.owner = "";
      this.names = [];
      this.base = null;
      this.stranger = false;
      this.later(0);
    });
    this.complain("Saved on this device only: somebody signed in or out in another tab.", button);
  }

  /** Nobody knows what the server has now. */
  doubt() {
    this.saved = null;
    this.retry(LOCAL_ONLY);
  }

  retry(words, { after, href, words: label, quiet } = {}) {
    // It may have arrived all the same.
    this.ancestors.add(this.sent);
    this.failures += 1;
    this.waiting = true;
    const wait = after ?? Math.min(LAST_RETRY, FIRST_RETRY * 2 ** (this.failures - 1));
    this.later(wait);
    if (quiet) return this.say(words);
    const kept = this.kept ? words : "Not saved: the server cannot be reached, and this browser keeps nothing.";
    this.complain(kept, ...(href ? [element("a", { href, textContent: label })] : []));
  }

  /** Something changed for the better outside: tries at once. */
  wake() {
    if (!this.waiting || this.busy) return;
    this.waiting = false;
    this.failures = 0;
    this.save();
  }

  say(words, ...more) {
    this.status.replaceChildren(words, ...more.flatMap((one) => [" ", one]));
  }

  /** Said aloud once, when the trouble begins; the line stays. */
  complain(words, ...more) {
    if (this.status.textContent.startsWith(words)) return;
    this.say(words, ...more);
    if (!this.trouble) this.announce(words);
    this.trouble = true;
  }

  announce(words) {
    this.live.textContent = words;
  }
}

const drafts = [];
for (const form of document.querySelectorAll("[data-exercise] > form")) {
  const areas = [...form.querySelectorAll("textarea[data-language]")];
  if (form.elements.draft && areas.length && !areas.some((area) => area.readOnly)) drafts.push(new Draft(form, areas));
}

channel?.addEventListener("message", ({ data }) => {
  for (const draft of drafts.filter((draft) => draft.names.some((name) => data.names?.includes(name)))) {
    if (data.hello) draft.wake();
    else if (draft.exercise === data.exercise) draft.elsewhere(data);
  }
});
// Another tab of the same person may have waited for them to sign in.
channel?.postMessage({ names: owners, hello: true });

// After the form's own listeners: what leads to another page.
document.addEventListener("submit", (event) => {
  const draft = drafts.find((draft) => draft.form === event.target);
  if (draft && !event.defaultPrevented) draft.handed = draft.text();
});

addEventListener("online", () => drafts.forEach((draft) => draft.wake()));
addEventListener("pagehide", () => drafts.forEach((draft) => draft.save({ last: true })));
document.addEventListener("visibilitychange", () => {
  const hidden = document.visibilityState === "hidden";
  for (const draft of drafts) if (hidden) draft.save({ last: true });
    else draft.wake();
});
