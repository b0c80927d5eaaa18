// Blocks of a lesson: run without a page load, and show what comes of it below.

const WAIT_BEFORE_SAYING_SO = 250;
const RETRY = 1000;

class Block {
  constructor(box) {
    this.form = box.querySelector("form");
    this.button = this.form.querySelector("button");
    this.result = box.querySelector("[data-result]");
    this.live = box.querySelector("[data-live]");
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (!this.busy) this.run();
    });
    this.form.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      this.form.requestSubmit(this.button);
    });
  }

  async run() {
    this.setBusy(true);
    this.live.textContent = "";
    const saying = setTimeout(() => this.say("Running"), WAIT_BEFORE_SAYING_SO);
    const quiet = () => clearTimeout(saying);
    try {
      const body = new URLSearchParams(new FormData(this.form));
      const answer = await fetch(this.form.action, { method: "POST", body, headers: { Accept: "application/json" } });
      const json = await answer.json();
      if (answer.status === 202) await this.follow(json.location, quiet);
      else this.fail(json.detail ?? "Something went wrong. Please try again.");
    } catch {
      this.fail("The server cannot be reached. Please try again.");
    }
    quiet();
    this.setBusy(false);
  }

  // Each answer waits a while for the result. A server that is away for a moment is asked again.
  async follow(address, quiet) {
    for (let failures = 0; failures < 10; ) {
      const answer = await fetch(address, { headers: { Accept: "application/json" } }).catch(() => null);
      if (answer?.status === 200) {
        const { html, sentence } = await answer.json();
        quiet();
        this.show(html);
        this.live.textContent = sentence;
        return;
      }
      if (answer?.status === 202) {
        const { headline } = await answer.json();
        quiet();
        this.say(headline);
        continue;
      }
      if (answer && answer.status < 500) break;
      failures += 1;
      await new Promise((resolve) => setTimeout(resolve, RETRY));
    }
    this.fail("What came of it cannot be had. Please run it again.");
  }

  setBusy(busy) {
    this.busy = busy;
    this.result.setAttribute("aria-busy", String(busy));
    this.button.setAttribute("aria-disabled", String(busy));
  }

  say(headline) {
    const box = this.show(`<div class="verdict waiting"><p class="headline"><strong></strong></p></div>`);
    box.querySelector("strong").textContent = headline;
  }

  fail(text) {
    const box = this.show(`<div class="notice bad"><p></p></div>`);
    box.querySelector("p").textContent = text;
    this.live.textContent = text;
  }

  show(html) {
    const template = document.createElement("template");
    template.innerHTML = html.trim();
    this.result.replaceChildren(template.content);
    for (const block of this.result.querySelectorAll("pre:not([tabindex])")) {
      if (block.scrollWidth > block.clientWidth) block.tabIndex = 0;
    }
    return this.result;
  }
}

for (const box of document.querySelectorAll("[data-block]")) new Block(box);
