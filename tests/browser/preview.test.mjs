// A lesson that is saved is on the page at once, which keeps its place and what was typed; and the panel tries an exercise.

import assert from "node:assert/strict";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { after, before, test } from "node:test";
import { PATIENCE, barriers, beside, open, serve, shoot } from "./site.mjs";

const course = mkdtempSync(join(tmpdir(), "athanor-preview-"));
const file = join(course, "01-first/01-numbers.md");
cpSync(fileURLToPath(new URL("lessons", import.meta.url)), course, { recursive: true });
const written = readFileSync(file, "utf8");

let site;
before(async () => {
  site = await beside(await serve(["preview", course], { ATHANOR_POOL: "1" }));
});
after(async () => {
  await site?.stop();
  rmSync(course, { recursive: true });
});

test("what is saved is shown, and the page keeps its place and what was typed", async () => {
  const { page, to, complaints } = await open(site);
  await to("/lessons/numbers");
  const area = page.locator("#double textarea");
  await area.fill("defmodule Mine do\nend\n");
  await page.evaluate(() => scrollTo(0, 200));
  const place = await page.evaluate(() => scrollY);
  const loaded = await page.evaluate(() => performance.timeOrigin);

  // When a text is there, by the page's own clock.
  const shown = page.evaluate((wanted) => new Promise((resolve) => {
    const look = () => document.body.textContent.includes(wanted) && resolve(Date.now());
    new MutationObserver(look).observe(document.body, { childList: true, subtree: true });
    look();
  }), "A sentence that was saved.");
  const saved = Date.now();
  writeFileSync(file, `${written}\nA sentence that was saved.\n`);
  console.log(`shown ${(await shown) - saved} ms after the save`);
  assert.equal(await area.inputValue(), "defmodule Mine do\nend\n");
  assert.equal(await page.evaluate(() => scrollY), place);
  assert.equal(await page.evaluate(() => performance.timeOrigin), loaded, "no page load");

  writeFileSync(file, written.replace("```elixir solution", "```elixir solutoin"));
  await page.locator(".problem", { hasText: "solutoin" }).first().waitFor();
  writeFileSync(file, written);
  await page.locator(".problem").first().waitFor({ state: "detached" });
  assert.deepEqual(complaints, []);
});

test("the panel tries an exercise, and a page with problems is accessible", async () => {
  const { page, to, complaints } = await open(site);
  await to("/lessons/numbers");
  const exercise = page.locator("#double");
  await exercise.getByText("Checked: nothing is wrong with it.").waitFor();
  await exercise.getByRole("button", { name: "Reference" }).click();
  await exercise.locator("[data-verdict=passed]").waitFor();
  await exercise.getByRole("button", { name: "Starter" }).click();
  await exercise.locator("[data-verdict=failed]").waitFor();
  writeFileSync(file, written.replace("def of(n), do: n * 2", "def of(n), do: n * 3"));
  await exercise.locator("[data-problem=reference-fails]").first().waitFor();
  await shoot(page, "preview");
  assert.deepEqual(await barriers(page), []);
  assert.deepEqual(complaints, []);
  writeFileSync(file, written);
  await exercise.locator("[data-problem=reference-fails]").first().waitFor({ state: "detached" });
});

test("an example runs, as it is and changed, and its result stays while other things change", async () => {
  const { page, to, complaints } = await open(site);
  await to("/lessons/numbers");
  const example = page.locator("[data-block]").first();
  await example.getByRole("button", { name: "Run" }).click();
  await example.locator(".session .value", { hasText: "[12, 14, 16, 18, 20]" }).waitFor();
  await example.getByText("Change it").click();
  await example.getByLabel("Code of example 1").fill("6 * 7");
  await page.keyboard.press("Control+Enter");
  await example.locator(".session .value", { hasText: "42" }).waitFor();
  assert.equal(await example.locator("[data-live]").textContent(), "It returned 42");

  // Another example comes to stand above it.
  writeFileSync(file, written.replace("Some text", "```elixir run\n:first\n```\n\nOther text"));
  await page.getByText("Other text").waitFor();
  const second = page.locator("#block-2");
  assert.equal(await second.getByLabel("Code of example 2").inputValue(), "6 * 7");
  assert.match(await second.locator(".session").textContent(), /42/);
  assert.equal(await page.locator("#block-1 .session").count(), 0);
  assert.deepEqual(complaints, []);
  writeFileSync(file, written);
  await page.getByText("Some text").waitFor();
});

test("the glossary is there, beside the terms of the lesson", async () => {
  const { page, to, complaints } = await open(site);
  await to("/lessons/numbers");
  const term = page.locator("a.term").first();
  const described = await term.getAttribute("aria-describedby");
  assert.match(await page.locator(`[id="${described}"]`).textContent(), /^A piece of code/);
  await term.click();
  await page.waitForURL("**/glossary#example");
  assert.deepEqual(await barriers(page), []);
  assert.deepEqual(complaints, []);
});
