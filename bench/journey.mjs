// From the HTTP POST of a submission to its verdict in the stream of events, as a page's script sees it.
//   node bench/journey.mjs ADDRESS [SUBMISSIONS]
const [, , address, count = "40"] = process.argv;
const source = "defmodule Clock do\n  def hours(minutes) do\n    div(minutes, 60)\n  end\nend\n";
const pause = (ms) => new Promise((done) => setTimeout(done, ms));

const first = await fetch(`${address}/lessons/values-and-variables`);
const cookie = first.headers.get("set-cookie").split(";")[0];

async function submit() {
  const began = performance.now();
  const accepted = await fetch(`${address}/exercises/full-hours/submissions`, {
    method: "POST",
    headers: { accept: "application/json", cookie, "sec-fetch-site": "same-origin" },
    body: new URLSearchParams({ source, kind: "submit", key: crypto.randomUUID() }),
  });
  if (accepted.status !== 202) throw new Error(`${accepted.status} ${await accepted.text()}`);
  const { events } = await accepted.json();
  const stream = await fetch(address + events, { headers: { cookie } });
  const reader = stream.body.pipeThrough(new TextDecoderStream()).getReader();
  let seen = "";
  while (!seen.includes("event: verdict")) {
    const { value, done } = await reader.read();
    if (done) throw new Error(`the stream ended without a verdict: ${seen}`);
    seen += value;
  }
  const took = performance.now() - began;
  if (!seen.includes("passed")) throw new Error(seen);
  await reader.cancel();
  return took;
}

// The first one may wait for the exercise's expected values.
await submit();
const times = [];
for (let i = 0; i < Number(count); i++) {
  // Time for the next container: this measures the way, not the rate.
  await pause(1500);
  times.push(await submit());
}
times.sort((a, b) => a - b);
const percentile = (p) => Number(times[Math.ceil((times.length * p) / 100) - 1].toFixed(1));
console.log(JSON.stringify({ post_to_verdict_ms: { p50: percentile(50), p95: percentile(95), p99: percentile(99) } }));
