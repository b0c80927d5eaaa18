// What helps a reader on: search, keys, hints, what comes next. With scripts and without, by the keyboard alone.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { barriers, open, shoot, start } from "./site.mjs";

let site;
before(async () => {
  site = await start();
});
after(() => site?.stop());

test("search by keyboard: slash, a word with a slip, arrows, Enter", async () => {
  const { page, to, complaints } = await open(site);
  await to("/");
  await page.keyboard.press("/");
  await page.keyboard.type("duoble");
  const first = page.locator("#found li:first-child a", { hasText: /Double.*Exercise in Numbers/s });
  await first.waitFor();
  assert.equal(await page.locator("#course > ul a:visible").count(), 0, "what was found stands in the course's place");
  assert.deepEqual(await barriers(page), []);
  await shoot(page, "search");
  await page.keyboard.press("ArrowDown");
  assert.equal(await first.evaluate((link) => link === document.activeElement), true);
  await page.keyboard.press("Enter");
  await page.waitForURL("**/lessons/numbers#double");
  await page.keyboard.press("/");
  await page.keyboard.type("zzzz");
  await page.getByText("Nothing fits.").waitFor();
  await page.keyboard.press("Escape");
  assert.equal(await page.locator("#find").inputValue(), "");
  assert.ok(await page.locator("#course li a").first().isVisible(), "the course is there again");
  assert.deepEqual(complaints, []);
});

test("search without scripts is a page", async () => {
  const { page, to } = await open(site, { javaScriptEnabled: false });
  await to("/");
  await page.locator("#find").fill("duoble");
  await page.locator("#find").press("Enter");
  await page.waitForURL("**/search?q=duoble");
  await page.getByRole("main").getByRole("link", { name: "Double" }).click();
  await page.waitForURL("**/lessons/numbers#double");
});

test("keys: a list of them, exercises one after the other, and all of it can be turned off", async () => {
  const { page, to } = await open(site);
  await to("/lessons/numbers");
  await page.keyboard.press("?");
  const list = page.getByRole("dialog", { name: "Keys" });
  await list.waitFor();
  assert.deepEqual(await barriers(page), []);
  await shoot(page, "keys");
  await page.keyboard.press("Escape");
  await list.waitFor({ state: "hidden" });
  await page.keyboard.press("j");
  const here = () => page.evaluate(() => document.activeElement.closest("section.exercise")?.id);
  assert.equal(await here(), "double");
  await page.keyboard.press("j");
  const second = await here();
  assert.notEqual(second, "double");
  await page.keyboard.press("k");
  assert.equal(await here(), "double");
  // Brackets are typed with AltGr or Option on many keyboards.
  const taken = (init) => page.evaluate((init) => !document.body.dispatchEvent(new KeyboardEvent("keydown", { bubbles: true, cancelable: true, ...init })), init);
  assert.equal(await taken({ key: "]", ctrlKey: true, altKey: true, modifierAltGraph: true }), true);
  assert.equal(await taken({ key: "[", altKey: true }), true);
  assert.equal(await taken({ key: "]", ctrlKey: true }), false);
  assert.equal(await taken({ key: "j", altKey: true }), false);
  await page.keyboard.press("?");
  await list.getByRole("checkbox").uncheck();
  await page.keyboard.press("Escape");
  await page.keyboard.press("j");
  assert.equal(await here(), "double", "the key does nothing any more");
  await page.reload();
  await page.keyboard.press("?");
  assert.equal(await list.isVisible(), false, "nor after a reload");
  await page.locator("#open-keys").click();
  assert.equal(await list.getByRole("checkbox").isChecked(), false);
});

test("a hint opens in place, is announced by its focus, and is open after a reload", async () => {
  const { page, to } = await open(site);
  await to("/lessons/numbers");
  const exercise = page.locator("section#double");
  await exercise.getByRole("button", { name: "Show the hint" }).press("Enter");
  await exercise.getByText("Multiplication is written").waitFor();
  assert.equal(await page.evaluate(() => document.activeElement.textContent), "Hint");
  assert.equal(await exercise.getByRole("button", { name: /Show/ }).count(), 0);
  await page.reload();
  await exercise.getByText("Multiplication is written").waitFor();
  assert.deepEqual(await barriers(page), []);
});

test("without scripts a hint opens, and what was typed is still there", async () => {
  const { page, to } = await open(site, { javaScriptEnabled: false });
  await to("/lessons/numbers");
  await page.locator("section#double textarea").fill("half a thought");
  await page.locator("section#double").getByRole("button", { name: "Show the hint" }).click();
  await page.locator("section#double").getByText("Multiplication is written").waitFor();
  assert.equal(await page.locator("section#double textarea").inputValue(), "half a thought");
});
