// How long a lesson's page takes while many read and some hand in.
//   node bench/readers.mjs ADDRESS [SECONDS] [READERS] [SUBMITTERS]
// A reader is a guest whom the site knows, so that each page is made for them: they turn a page about once a second.
// A submitter hands in, waits for the verdict and thinks for a while.
const [, , address, seconds = "30", readers = "50", submitters = "5"] = process.argv;
const LESSONS = ["values-and-variables", "pattern-matching", "lists-and-recursion", "maps"];
const SOURCE = "defmodule Clock do\n  def hours(minutes) do\n    div(minutes, 60)\n  end\nend\n";
const pause = (ms) => new Promise((done) => setTimeout(done, ms));
const until = performance.now() + Number(seconds) * 1000;

async function guest() {
  const first = await fetch(`${address}/lessons/${LESSONS[0]}`);
  const cookie = first.headers.get("set-cookie").split(";")[0];
  // The first thing that is kept makes a guest known.
  const headers = { cookie, accept: "application/json", "sec-fetch-site": "same-origin" };
  const hint = await fetch(`${address}/exercises/full-hours/hints/1`, { method: "POST", headers });
  if (hint.status !== 200) throw new Error(`${hint.status} ${await hint.text()}`);
  return headers;
}

const pages = [];
async function read({ cookie }) {
  await pause(Math.random() * 1000);
  while (performance.now() < until) {
    const lesson = LESSONS[Math.floor(Math.random() * LESSONS.length)];
    const began = performance.now();
    const answer = await fetch(`${address}/lessons/${lesson}`, { headers: { cookie, "accept-encoding": "gzip" } });
    if (answer.status !== 200) throw new Error(`${answer.status} for ${lesson}`);
    await answer.text();
    pages.push(performance.now() - began);
    await pause(500 + Math.random() * 1000);
  }
}

const verdicts = [];
async function submit(headers) {
  while (performance.now() < until) {
    const began = performance.now();
    const body = new URLSearchParams({ source: SOURCE, kind: "submit", key: crypto.randomUUID() });
    const answer = await fetch(`${address}/exercises/full-hours/submissions?wait=60`, { method: "POST", headers, body });
    const { verdict } = await answer.json();
    if (verdict !== "passed") throw new Error(`${answer.status} ${verdict}`);
    verdicts.push(performance.now() - began);
    await pause(2000 + Math.random() * 2000);
  }
}

// New guests are limited per address, so all are one person in several windows but for the submitters.
const known = await guest();
const others = [];
for (let n = 0; n < Number(submitters); n += 1) others.push(await guest());
await Promise.all([...Array.from({ length: Number(readers) }, () => read(known)), ...others.map(submit)]);

const percentile = (times, p) => {
  times.sort((a, b) => a - b);
  return Number((times[Math.ceil((times.length * p) / 100) - 1] ?? NaN).toFixed(1));
};
const figures = (times) => ({ p50: percentile(times, 50), p95: percentile(times, 95), p99: percentile(times, 99), of: times.length });
console.log(JSON.stringify({ page_ms: figures(pages), verdict_ms: figures(verdicts) }));
