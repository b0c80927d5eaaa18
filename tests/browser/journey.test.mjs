// A learner signs up, fails, fixes, passes, reloads and finds the progress: with scripts and without.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { BROKEN, RIGHT, WRONG, open, shoot, signUp, start } from "./site.mjs";

let site;
before(async () => {
  site = await start();
});
after(() => site?.stop());

const exercise = (page) => page.locator("section#double");

async function write(page, code) {
  const editor = exercise(page).locator(".cm-content");
  await editor.click();
  await page.keyboard.press("Control+A");
  // Pasted, so that the editor closes no brackets by itself.
  await page.keyboard.insertText(code);
}

async function verdict(page, words) {
  await exercise(page).locator(".verdict:not(.waiting)", { hasText: words }).waitFor();
}

test("with scripts: sign up, fail, fix, pass, reload, find the progress", async () => {
  const reader = await open(site);
  const { page, to, complaints } = reader;
  await signUp(reader, "ada");
  await to("/lessons/numbers");
  await exercise(page).scrollIntoViewIfNeeded();
  await write(page, WRONG);
  const address = page.url();
  await exercise(page).getByRole("button", { name: "Submit" }).click();
  await verdict(page, "of 3 cases did not pass");
  assert.equal(page.url(), address, "no page load");
  assert.match(await exercise(page).locator("[data-live]").textContent(), /cases did not pass\. The first is/);
  assert.ok(await exercise(page).locator(".actual del").count(), "the difference is marked");
  await shoot(page, "failed");
  await write(page, BROKEN);
  await exercise(page).getByRole("button", { name: "Run" }).click();
  await verdict(page, "does not compile yet");
  await exercise(page).getByText("line 2").first().waitFor();
  assert.equal(await exercise(page).getByText("Not reached").count(), 2, "the list of visible cases is kept");
  await shoot(page, "compile-error");
  assert.doesNotMatch(await page.content(), /One way to solve it/);
  const tally = page.locator(".side a[aria-current=page] .tally");
  assert.equal(await tally.textContent(), "0/2");
  await write(page, RIGHT);
  await exercise(page).getByRole("button", { name: "Submit" }).click();
  await verdict(page, "All 3 cases passed");
  const opened = async () => {
    await exercise(page).getByText("One way to solve it").click();
    await exercise(page).locator(".solution", { hasText: "def of(n), do: n * 2" }).waitFor();
    assert.equal(await exercise(page).getByRole("link", { name: "Next: The answer" }).getAttribute("href"), "/lessons/numbers#answer");
    assert.equal(await tally.textContent(), "1/2");
  };
  await opened();
  await page.reload();
  await verdict(page, "All 3 cases passed");
  await opened();
  assert.match(await exercise(page).locator("textarea[name=source]").inputValue(), /n \* 2/);
  await shoot(page, "passed");
  await to("/progress");
  await page.getByText("1 of 2 exercises passed").first().waitFor();
  await to("/");
  await page.getByText("Continue with").waitFor();
  assert.deepEqual(complaints, []);
});

test("without scripts: sign up, fail, fix, pass, reload, find the progress", async () => {
  const reader = await open(site, { javaScriptEnabled: false });
  const { page, to } = reader;
  await signUp(reader, "ben");
  await to("/lessons/numbers");
  const area = exercise(page).locator("textarea[name=source]");
  await area.fill(WRONG);
  await exercise(page).getByRole("button", { name: "Submit" }).click();
  await verdict(page, "of 3 cases did not pass");
  assert.equal((await area.inputValue()).trim(), WRONG.trim(), "the code is still there");
  await area.fill("");
  await exercise(page).getByRole("button", { name: "Run" }).click();
  await exercise(page).getByText("There is no code yet").waitFor();
  await area.fill(RIGHT);
  await exercise(page).getByRole("button", { name: "Submit" }).click();
  await verdict(page, "All 3 cases passed");
  await shoot(page, "passed-without-scripts");
  await to("/lessons/numbers");
  await verdict(page, "All 3 cases passed");
  await to("/progress");
  await page.getByText("1 of 2 exercises passed").first().waitFor();
});

test("a guest's history becomes the account's", async () => {
  const reader = await open(site);
  const { page, to } = reader;
  await to("/lessons/numbers");
  await exercise(page).scrollIntoViewIfNeeded();
  await write(page, RIGHT);
  await exercise(page).getByRole("button", { name: "Submit" }).click();
  await verdict(page, "All 3 cases passed");
  await signUp(reader, "cleo");
  await to("/progress");
  await page.getByText("1 of 2 exercises passed").first().waitFor();
  await page.getByRole("link", { name: /See attempts/ }).click();
  await page.getByRole("link", { name: /ago|just now/ }).first().click();
  await page.getByRole("heading", { name: "Submission of Double" }).waitFor();
});

test("with the keyboard alone: write, run, submit, leave the editor", async () => {
  const { page, to } = await open(site);
  await to("/lessons/numbers#double");
  await exercise(page).locator(".cm-content").waitFor();
  for (let presses = 0; presses < 60; presses += 1) {
    if (await page.evaluate(() => document.activeElement?.closest("#double .cm-content") !== null)) break;
    await page.keyboard.press("Tab");
  }
  await page.keyboard.press("Control+A");
  await page.keyboard.insertText(RIGHT);
  await page.keyboard.press("Control+Enter");
  await verdict(page, "All 2 visible cases passed");
  await page.keyboard.press("Control+Shift+Enter");
  await verdict(page, "All 3 cases passed");
  assert.match(await exercise(page).locator("textarea[name=source]").inputValue(), /^defmodule Double do\n  def of\(n\), do: n \* 2\nend\n$/);
  await page.keyboard.press("Escape");
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => document.activeElement?.textContent), "Run", "Escape, then Tab leaves it");
});

test("a double click is one submission", async () => {
  const { page, to } = await open(site);
  await to("/lessons/numbers");
  await exercise(page).scrollIntoViewIfNeeded();
  await write(page, RIGHT);
  await exercise(page).getByRole("button", { name: "Submit" }).dblclick();
  await verdict(page, "All 3 cases passed");
  await to("/exercises/double/attempts");
  assert.equal(await page.locator(".timeline > li").count(), 1);
});

test("night mode by a key, kept over pages without a flash", async () => {
  const { page, to } = await open(site, { colorScheme: "light" });
  await to("/");
  await page.keyboard.press("n");
  assert.equal(await page.evaluate(() => document.documentElement.dataset.theme), "dark");
  const answer = await to("/lessons/numbers");
  assert.match(await answer.text(), /data-theme="dark"/);
});

test("signing out in another tab loses no code", async () => {
  const reader = await open(site);
  const { page, to, context } = reader;
  await signUp(reader, "dora");
  await to("/lessons/numbers");
  await exercise(page).scrollIntoViewIfNeeded();
  await write(page, RIGHT);
  // Signed out in another tab: this page does not know.
  const other = await context.newPage();
  await other.goto(site.address);
  await other.getByRole("button", { name: "Sign out" }).click();
  await other.getByRole("link", { name: "Sign in" }).waitFor();
  await exercise(page).getByRole("button", { name: "Submit" }).click();
  await verdict(page, "All 3 cases passed");
});
