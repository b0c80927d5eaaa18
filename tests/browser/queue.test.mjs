// What clicks and the back button do to the queue: one click too many is no second submission, and a learner can call
// off what runs and say that a verdict is wrong, with scripts and without.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { RIGHT, WRONG, open, start } from "./site.mjs";

// Long enough to be called off, and no work for the machine.
const LASTS = "defmodule Double do\n  Process.sleep(60_000)\n  def of(n), do: of(n)\nend\n";
/** Right, after a while. */
const SLOW = "defmodule Double do\n  Process.sleep(2_000)\n  def of(n), do: n * 2\nend\n";

let site;
before(async () => {
  site = await start();
});
after(() => site?.stop());

const exercise = (page) => page.locator("section#double");

async function write(page, code) {
  const editor = exercise(page).locator(".cm-content");
  await exercise(page).scrollIntoViewIfNeeded();
  await editor.click();
  await page.keyboard.press("Control+A");
  await page.keyboard.insertText(code);
}

async function verdict(page, words) {
  await exercise(page).locator(".verdict:not(.waiting)", { hasText: words }).waitFor();
}

async function attempts(page, to) {
  await to("/exercises/double/attempts");
  return page.locator(".timeline > li").count();
}

test("without scripts: two clicks at once and a reload after them are one submission", async () => {
  const { page, to } = await open(site, { javaScriptEnabled: false });
  await to("/lessons/numbers");
  await exercise(page).locator("textarea[name=source]").fill(RIGHT);
  await exercise(page).getByRole("button", { name: "Submit" }).dblclick();
  await verdict(page, "All 3 cases passed");
  await page.reload();
  await verdict(page, "All 3 cases passed");
  assert.equal(await attempts(page, to), 1);
});

test("without scripts: back and the same again is one submission, back and something else a new one", async () => {
  const { page, to } = await open(site, { javaScriptEnabled: false });
  await to("/lessons/numbers");
  await exercise(page).locator("textarea[name=source]").fill(WRONG);
  await exercise(page).getByRole("button", { name: "Submit" }).click();
  await verdict(page, "of 3 cases did not pass");
  const key = await exercise(page).locator("input[name=key]").inputValue();
  // To the page before the first submission, with the form as it was sent.
  while (!page.url().endsWith("/lessons/numbers")) await page.goBack();
  const old = await exercise(page).locator("input[name=key]").inputValue();
  assert.notEqual(old, key, "a page that was made anew has another key");
  await exercise(page).locator("textarea[name=source]").fill(WRONG);
  await exercise(page).getByRole("button", { name: "Submit" }).click();
  await verdict(page, "of 3 cases did not pass");
  const afterTheSame = await attempts(page, to);
  assert.ok(afterTheSame <= 2, "the browser either sent the old form, which is the first submission, or a new one");
  await to("/lessons/numbers");
  await exercise(page).locator("textarea[name=source]").fill(RIGHT);
  await exercise(page).getByRole("button", { name: "Submit" }).click();
  await verdict(page, "All 3 cases passed");
  assert.equal(await attempts(page, to), afterTheSame + 1);
});

test("a network that breaks after the server has it: sending again is the same submission", async () => {
  const { page, to } = await open(site);
  await to("/lessons/numbers");
  await write(page, RIGHT);
  let broken = false;
  await page.route("**/exercises/double/submissions", async (route) => {
    if (broken) return route.continue();
    broken = true;
    // The server takes it in; its answer never comes.
    await route.fetch();
    await route.abort("connectionreset");
  });
  await exercise(page).getByRole("button", { name: "Submit" }).click();
  await exercise(page).getByText("The server cannot be reached").first().waitFor();
  await exercise(page).getByRole("button", { name: "Submit" }).click();
  await verdict(page, "All 3 cases passed");
  assert.equal(await attempts(page, to), 1);
});

test("with scripts: what runs is called off without a page load, and the code stays", async () => {
  const { page, to } = await open(site);
  await to("/lessons/numbers");
  await write(page, LASTS);
  const address = page.url();
  await exercise(page).getByRole("button", { name: "Submit" }).click();
  await exercise(page).getByRole("button", { name: "Call it off" }).click();
  await exercise(page).getByText("called off").first().waitFor();
  assert.equal(page.url(), address, "no page load");
  assert.match(await exercise(page).locator("textarea[name=source]").inputValue(), /of\(n\), do: of\(n\)/);
  await write(page, RIGHT);
  await exercise(page).getByRole("button", { name: "Submit" }).click();
  await verdict(page, "All 3 cases passed");
});

test("without scripts: what runs is called off by a form", async () => {
  const { page, to } = await open(site, { javaScriptEnabled: false });
  await to("/lessons/numbers");
  await exercise(page).locator("textarea[name=source]").fill(LASTS);
  await exercise(page).getByRole("button", { name: "Submit" }).click();
  await exercise(page).getByRole("button", { name: "Call it off" }).click();
  await exercise(page).getByText("called off").first().waitFor();
  assert.match(await exercise(page).locator("textarea[name=source]").inputValue(), /of\(n\), do: of\(n\)/);
});

test("a verdict is called wrong without losing what is being written", async () => {
  const { page, to, complaints } = await open(site);
  await to("/lessons/numbers");
  await write(page, WRONG);
  await exercise(page).getByRole("button", { name: "Submit" }).click();
  await verdict(page, "of 3 cases did not pass");
  await write(page, RIGHT);
  await exercise(page).getByText("This verdict is wrong?").click();
  await exercise(page).getByLabel("What should it have been").fill("It doubles, in a way.");
  await exercise(page).getByRole("button", { name: "Send it to the instructors" }).click();
  await exercise(page).getByText("It is with the instructors").first().waitFor();
  assert.match(await exercise(page).locator("textarea[name=source]").inputValue(), /n \* 2/);
  await to("/lessons/numbers");
  await exercise(page).getByText("It doubles, in a way.").waitFor();
  assert.deepEqual(complaints, []);
});

for (const javaScriptEnabled of [true, false]) {
  test(`the page of an attempt that waits gets its verdict by itself ${javaScriptEnabled ? "with" : "without"} scripts`, async () => {
    const { page, to, complaints } = await open(site, { javaScriptEnabled });
    await to("/lessons/numbers");
    if (javaScriptEnabled) await write(page, SLOW);
    else await exercise(page).locator("textarea[name=source]").fill(SLOW);
    await exercise(page).getByRole("button", { name: "Submit" }).click();
    await exercise(page).getByRole("button", { name: "Call it off" }).waitFor();
    await to("/exercises/double/attempts");
    await page.locator(".timeline > li a[href^='/submissions/']").first().click();
    await page.waitForURL("**/submissions/*");
    await page.locator(".verdict[data-verdict=passed]").waitFor();
    assert.deepEqual(complaints, []);
  });
}

test("who has signed out elsewhere is told so, and the exercise can be used again", async () => {
  const { page, to, context } = await open(site);
  await to("/lessons/numbers");
  await write(page, SLOW);
  // The stream breaks, and is refused when it is asked for again.
  await page.route("**/events", (route) => route.fulfill({ status: 404 }));
  await exercise(page).getByRole("button", { name: "Submit" }).click();
  await exercise(page).getByRole("button", { name: "Call it off" }).waitFor();
  await context.clearCookies();
  await exercise(page).getByText("You are not signed in any more as who sent this").first().waitFor();
  await page.unroute("**/events");
  await write(page, RIGHT);
  await exercise(page).getByRole("button", { name: "Submit" }).click();
  await verdict(page, "All 3 cases passed");
});
