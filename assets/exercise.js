// Exercises: send without a page load, show the result as it comes, and put an editor over each textarea.

import { Running, blank } from "./cases.js";
import * as editors from "./editors.js";
import { giveHints } from "./hints.js";
import * as remarks from "./remarks.js";
import * as room from "./room.js";
import { uuid } from "./uuid.js";

const WAIT_BEFORE_SAYING_SO = 250;
const RECONNECT = 1500;
const GONE = "You are not signed in any more as who sent this. It is graded all the same; sign in again to see the result. Your code is still here.";

function element(html) {
  const template = document.createElement("template");
  template.innerHTML = html.trim();
  return template.content.firstElementChild;
}

function notice(text, tone) {
  const box = element(`<div class="notice"><p></p></div>`);
  box.classList.add(tone);
  box.firstElementChild.textContent = text;
  return box;
}

// In the list of lessons, where this one is counted.
function countOneMore() {
  const tally = document.querySelector(".side a[aria-current=page] .tally");
  const [passed, of] = tally?.textContent.match(/\d+/g)?.map(Number) ?? [];
  if (!(passed < of)) return;
  const now = passed + 1;
  tally.textContent = `${now}/${of}${now === of ? " ✓" : ""}`;
  tally.ariaLabel = `${now} of ${of} exercises passed`;
}

class Exercise {
  constructor(section) {
    this.section = section;
    // On a submission's own page there is none.
    this.form = section.querySelector(":scope > form");
    this.result = section.querySelector("[data-result]");
    this.live = section.querySelector("[data-live]");
    // A page that many readers share has the same key for all of them.
    if (this.form) this.form.elements.key.value = uuid();
    this.buttons = this.form ? [...this.form.querySelectorAll("button[name=kind]")] : [];
    this.form?.addEventListener("submit", (event) => this.submit(event));
    this.form?.addEventListener("keydown", (event) => this.key(event));
    this.result.addEventListener("submit", (event) => this.cancel(event));
    this.result.addEventListener("submit", (event) => this.report(event));
    this.result.addEventListener("click", (event) => this.visit(event));
    section.addEventListener("keydown", (event) => this.jump(event));
    this.blank = blank(section) ?? element(`<div class="verdict waiting"><div class="headline"><strong></strong></div><p class="meta"></p></div>`);
    const waiting = this.result.querySelector("[data-events]");
    if (waiting) {
      this.running = new Running(waiting, waiting.dataset.kind);
      this.follow(waiting.dataset.events);
    }
    if (this.form) remarks.show(this.form, this.result);
  }

  // F2 goes to the result, and back to where one came from.
  jump(event) {
    if (event.key !== "F2" || event.ctrlKey || event.altKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    if (this.result.contains(document.activeElement)) {
      this.from?.focus();
    } else {
      this.from = document.activeElement;
      this.result.focus();
    }
  }

  key(event) {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    const kind = event.shiftKey ? "submit" : "run";
    this.form.requestSubmit(this.buttons.find((button) => button.value === kind));
  }

  // A remark's place leads into the editor; without one, to the listing of what was sent.
  visit(event) {
    const link = event.target.closest("a[data-line]");
    const file = link?.dataset.file;
    const area = this.form?.elements[file ? `file:${file}` : "source"];
    if (!link || !area || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    editors.go(area, Number(link.dataset.line), Number(link.dataset.column ?? 1));
  }

  submit(event) {
    const button = event.submitter;
    // Signing in from here is a page load.
    if (button?.name !== "kind") return;
    event.preventDefault();
    if (!this.busy) this.send(button.value);
  }

  async send(kind) {
    this.begin(kind);
    const body = new URLSearchParams(new FormData(this.form));
    body.set("kind", kind);
    try {
      const answer = await fetch(this.form.action, { method: "POST", body, headers: { Accept: "application/json" } });
      const json = await answer.json();
      if (answer.status === 202) {
        this.form.elements.key.value = json.key;
        this.running.offerToCancel(json.location);
        this.follow(json.events);
      } else if (answer.status === 401) {
        this.asPage(kind);
      } else {
        this.fail(json.detail ?? "Something went wrong. Your code is still here; please try again.");
      }
    } catch {
      this.fail("The server cannot be reached. Your code is still here; please try again.");
    }
  }

  // The session ended: the server's page offers to sign in and keeps the code.
  asPage(kind) {
    const field = element(`<input type="hidden" name="kind">`);
    field.value = kind;
    this.form.append(field);
    this.form.submit();
  }

  begin(kind) {
    this.setBusy(true);
    this.form?.querySelector(".notice:not(.versions, .kept)")?.remove();
    for (const area of this.form?.querySelectorAll("textarea") ?? []) area.removeAttribute("aria-invalid");
    this.live.textContent = "";
    if (this.form) remarks.show(this.form, null);
    room.keep(this.result);
    this.running = new Running(this.blank.cloneNode(true), kind);
    this.running.say("Sending", "");
    // Where nothing ran yet the list is there already. What came last is shown until it is clear that the next takes a while.
    if (this.result.querySelector(".idle")) {
      this.show(this.running.box);
      return;
    }
    this.result.classList.add("stale");
    this.saying = setTimeout(() => this.show(this.running.box), WAIT_BEFORE_SAYING_SO);
  }

  setBusy(busy) {
    this.busy = busy;
    this.result.setAttribute("aria-busy", String(busy));
    for (const button of this.buttons) button.setAttribute("aria-disabled", String(busy));
  }

  // Sent without a page load, so that what is in the editor stays.
  async report(event) {
    const form = event.target;
    if (!form.matches("form.report")) return;
    event.preventDefault();
    let said = "The server cannot be reached. Please try again.";
    try {
      const body = new URLSearchParams(new FormData(form));
      const answer = await fetch(form.action, { method: "POST", body, headers: { Accept: "application/json" } });
      said = answer.ok ? "It is with the instructors; their answer comes here." : (await answer.json()).detail;
      if (answer.ok) form.closest("details").replaceWith(element(`<p class="small report"></p>`));
    } catch {}
    const place = this.result.querySelector("p.report") ?? form.querySelector("p span");
    place.textContent = said;
    this.live.textContent = said;
  }

  // The stream then says that it was called off, or that its verdict was faster.
  async cancel(event) {
    if (!event.target.matches("form.cancel") || !this.busy) return;
    event.preventDefault();
    try {
      await fetch(event.target.action, { method: "POST", headers: { Accept: "application/json" } });
    } catch {
      this.live.textContent = "The server cannot be reached.";
    }
  }

  show(html) {
    this.result.classList.remove("stale");
    const inside = this.result.contains(document.activeElement);
    this.result.replaceChildren(typeof html === "string" ? element(html) : html);
    // Who was on something in it is still there.
    if (inside) this.result.focus({ preventScroll: true });
  }

  end() {
    clearTimeout(this.saying);
    this.stream?.close();
    this.setBusy(false);
  }

  fail(text) {
    this.end();
    this.show(notice(text, "bad"));
    this.live.textContent = text;
  }

  follow(address) {
    this.setBusy(true);
    const stream = new EventSource(address);
    this.stream = stream;
    stream.addEventListener("state", (event) => {
      const { headline, note } = JSON.parse(event.data);
      this.running.say(headline, note);
    });
    stream.addEventListener("case", (event) => this.running.add(JSON.parse(event.data)));
    stream.addEventListener("verdict", (event) => this.verdict(JSON.parse(event.data)));
    stream.addEventListener("error", () => {
      // The browser reconnects by itself unless the server refused.
      if (stream.readyState === EventSource.CLOSED && this.busy) setTimeout(() => this.ask(address), RECONNECT);
    });
  }

  // Whether there still is something to follow: who has signed out elsewhere may not see it any more.
  async ask(address) {
    try {
      const answer = await fetch(address.replace(/\/events$/, ""), { headers: { Accept: "application/json" } });
      if (answer.status === 404) return this.fail(GONE);
    } catch {}
    this.follow(address);
  }

  verdict({ html, sentence, submission, opened }) {
    this.end();
    if (!html) {
      this.show(notice(sentence, "warn"));
    } else {
      this.show(html);
      this.result.firstElementChild.classList.add("enter");
    }
    room.fit(this.result);
    if (this.form) remarks.show(this.form, this.result);
    this.live.textContent = sentence;
    this.stand(submission, opened);
  }

  stand({ verdict, kind }, opened) {
    const standing = this.section.querySelector(".standing");
    if (!standing) return;
    if (opened && !standing.classList.contains("passed")) {
      this.section.querySelector("[data-opened]").innerHTML = opened;
      countOneMore();
    }
    this.section.querySelector("a[data-attempts]")?.removeAttribute("hidden");
    if (verdict === "passed" && kind === "submit") {
      standing.className = "standing passed";
      standing.textContent = "Passed ✓";
    } else if (!standing.classList.contains("passed")) {
      standing.className = "standing begun";
      standing.textContent = "Begun";
    }
  }
}

for (const section of document.querySelectorAll("[data-exercise]")) {
  new Exercise(section);
  giveHints(section);
}

function equip(area, bundle) {
  const view = bundle.mount(area, { completions: meta.dataset.completions });
  editors.adopt(area, view, bundle);
  // The label is the hidden textarea's.
  for (const label of area.labels) label.addEventListener("click", () => view.focus());
  // Said in so many words that its text can be reached by keyboard, which scrolls it.
  view.contentDOM.tabIndex = 0;
}

// Editors come when they are about to be seen; until then, and if they cannot be had, there is the textarea.
const meta = document.querySelector("meta[name=athanor-editor]");
if (meta) {
  const seen = new IntersectionObserver(
    (entries) => {
      for (const entry of entries.filter((entry) => entry.isIntersecting)) {
        seen.unobserve(entry.target);
        import(meta.content).then((bundle) => equip(entry.target, bundle)).catch(() => {});
      }
    },
    { rootMargin: "600px" },
  );
  for (const area of document.querySelectorAll("textarea[data-language]")) if (!area.readOnly) seen.observe(area);
}
