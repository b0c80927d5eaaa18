// IEx in the lesson: by keyboard alone, over a page that is loaded again, and without scripts.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { RIGHT, barriers, open, shoot, start } from "./site.mjs";

let site;
before(async () => {
  site = await start();
});
after(() => site?.stop());

const panel = (page) => page.locator("[data-console-panel]");
const field = (page) => panel(page).locator("textarea");
const prompt = (page, text) => panel(page).locator("[data-prompt]", { hasText: text }).waitFor();
const shown = (page, text) => panel(page).locator("[data-log]", { hasText: text }).waitFor();

async function type(page, text) {
  await page.keyboard.insertText(text);
  await page.keyboard.press("Enter");
}

test("an exercise's code, several lines, typed input, history, interrupt and close, by keyboard", async () => {
  const { page, to, complaints } = await open(site);
  await to("/lessons/numbers");
  const exercise = page.locator("section#double");
  await exercise.scrollIntoViewIfNeeded();
  await exercise.locator(".cm-content").click();
  await page.keyboard.press("Control+A");
  await page.keyboard.insertText(RIGHT);
  const opener = exercise.getByRole("button", { name: "IEx with your code" });
  await opener.focus();
  await page.keyboard.press("Enter");
  await prompt(page, "iex(1)>");
  assert.ok(await field(page).evaluate((area) => area === document.activeElement), "one can type at once");
  await type(page, "Double.of(21)");
  await shown(page, "42");
  await prompt(page, "iex(2)>");
  await type(page, "x = 1 +");
  await prompt(page, "...(2)>");
  await type(page, "41");
  await prompt(page, "iex(3)>");
  await page.keyboard.insertText("defmodule A do");
  await page.keyboard.press("Shift+Enter");
  await page.keyboard.insertText("  def b, do: x\nend");
  assert.equal(await field(page).evaluate((area) => area.rows), 3);
  await page.keyboard.press("Escape");
  assert.ok(await opener.evaluate((button) => button === document.activeElement), "Escape leaves");
  await field(page).focus();
  await page.keyboard.press("Control+A");
  await type(page, 'name = IO.gets("Who? ")');
  await prompt(page, "Who?");
  await type(page, "Zoë");
  await shown(page, '"Zoë\\n"');
  await prompt(page, "iex(4)>");
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("ArrowUp");
  assert.equal(await field(page).inputValue(), 'name = IO.gets("Who? ")');
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowDown");
  assert.equal(await field(page).inputValue(), "");
  await type(page, 'IO.puts("<b>begun</b>"); Process.sleep(:infinity)');
  await panel(page).locator("[data-log] .output", { hasText: "<b>begun</b>" }).first().waitFor();
  await page.keyboard.press("Control+c");
  await shown(page, "interrupted");
  await prompt(page, "iex(");
  await shoot(page, "console");
  for (const width of [320, 1280]) {
    await page.setViewportSize({ width, height: 900 });
    const wide = await page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);
    assert.ok(!wide, `wider than the screen at ${width}`);
    assert.deepEqual(await barriers(page), []);
  }
  await panel(page).getByRole("button", { name: "Close IEx" }).focus();
  await page.keyboard.press("Enter");
  await panel(page).waitFor({ state: "detached" });
  assert.ok(await opener.evaluate((button) => button === document.activeElement), "the focus is where it came from");
  assert.deepEqual(complaints, []);
});

test("an example is typed in it, a page that is loaded again still has it, and a VM that halts is said", async () => {
  const { page, to, complaints } = await open(site);
  await to("/lessons/numbers");
  await page.getByRole("button", { name: "Open in IEx example 1" }).click();
  await shown(page, "[12, 14, 16, 18, 20]");
  await prompt(page, "iex(");
  await type(page, "kept = 123");
  await shown(page, "kept = 123\n123");
  await page.reload();
  await shown(page, "kept = 123\n123");
  await prompt(page, "iex(");
  await field(page).focus();
  await type(page, "kept + 1");
  await shown(page, /iex\(\d+\)> kept \+ 1\s+124/);
  await type(page, "System.halt()");
  await panel(page).getByText("IEx has ended: the VM stopped.").waitFor();
  await panel(page).getByRole("button", { name: "Put away" }).click();
  await panel(page).waitFor({ state: "detached" });
  assert.deepEqual(complaints, []);
});

test("without scripts: a page with a form, which shows what came of it", async () => {
  const { page, to } = await open(site, { javaScriptEnabled: false });
  await to("/lessons/numbers");
  const exercise = page.locator("section#double");
  await exercise.locator("textarea").fill(RIGHT);
  await exercise.getByRole("button", { name: "IEx with your code" }).click();
  await prompt(page, "iex(1)>");
  await field(page).fill("Double.of(21)");
  await panel(page).getByRole("button", { name: "Send" }).click();
  await shown(page, "42");
  await prompt(page, "iex(2)>");
  await panel(page).getByRole("button", { name: "Close IEx" }).click();
  await exercise.waitFor();
  assert.match(page.url(), /\/lessons\/numbers#double$/);
});
