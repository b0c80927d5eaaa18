// From a click on *Submit* to the verdict painted, as a person in front of a browser sees it.
//   node bench/page.mjs ADDRESS [SUBMISSIONS]
import { readFileSync } from "node:fs";
import { cpus, loadavg, totalmem } from "node:os";
import { browse } from "../tests/browser/site.mjs";

const [, , address, count = "40"] = process.argv;
const LESSON = "/lessons/values-and-variables";
const EXERCISE = "full-hours";
const SOURCE = "defmodule Clock do\n  def hours(minutes) do\n    div(minutes, 60)\n  end\nend\n";
const pause = (ms) => new Promise((done) => setTimeout(done, ms));

const browser = await browse();
const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
await page.goto(address + LESSON);
const section = page.locator(`section#${EXERCISE}`);
await section.scrollIntoViewIfNeeded();
await section.locator(".cm-content").click();
await page.keyboard.press("Control+A");
await page.keyboard.insertText(SOURCE);

// A click's own time stamp is when the browser heard it. After the frame in which the verdict entered the page has been
// handed to be painted, a task of its own follows.
await section.evaluate((section) => {
  let clicked = 0;
  let before = null;
  section.addEventListener(
    "click",
    (event) => {
      if (!event.target.closest("button[value=submit]")) return;
      clicked = event.timeStamp;
      before = section.querySelector("[data-verdict]")?.dataset.submission ?? null;
      window.painted = new Promise((done) => {
        const seen = new MutationObserver(() => {
          const verdict = section.querySelector("[data-result] [data-verdict]");
          if (!verdict || verdict.dataset.submission === before) return;
          seen.disconnect();
          requestAnimationFrame(() => {
            const channel = new MessageChannel();
            channel.port1.onmessage = () => done({ took: performance.now() - clicked, verdict: verdict.dataset.verdict });
            channel.port2.postMessage(null);
          });
        });
        seen.observe(section.querySelector("[data-result]"), { childList: true });
      });
    },
    { capture: true },
  );
});

async function submit() {
  await section.getByRole("button", { name: "Submit" }).click();
  const { took, verdict } = await page.evaluate(() => window.painted);
  if (verdict !== "passed") throw new Error(`the verdict is ${verdict}`);
  return took;
}

// The first one may wait for the exercise's expected values.
await submit();
const times = [];
for (let i = 0; i < Number(count); i += 1) {
  // Time for the next container: this measures the way, not the rate.
  await pause(1500);
  times.push(await submit());
}
times.sort((a, b) => a - b);
const percentile = (p) => Number(times[Math.ceil((times.length * p) / 100) - 1].toFixed(1));
const kernel = readFileSync("/proc/sys/kernel/osrelease", "utf8").trim();
console.log(
  JSON.stringify({
    click_to_painted_ms: { p50: percentile(50), p95: percentile(95), least: percentile(1), most: percentile(100), of: times.length },
    machine: {
      cpu: cpus()[0]?.model,
      cores: cpus().length,
      memory_gb: Math.round(totalmem() / 1e9),
      kernel,
      load: loadavg().map((load) => Number(load.toFixed(2))),
      browser: `Chromium ${browser.version()}, headless, on the same machine`,
    },
  }),
);
await browser.close();
