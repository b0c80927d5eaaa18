// A block of a lesson runs where it stands, as it is and as the reader changes it: with scripts and without.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { barriers, open, shoot, start } from "./site.mjs";

let site;
before(async () => {
  site = await start();
});
after(() => site?.stop());

const block = (page) => page.locator("#block-1");
const session = (page, text) => block(page).locator(".session", { hasText: text });

test("with scripts: run, change, run again", async () => {
  const { page, to, complaints } = await open(site);
  await to("/lessons/numbers");
  const address = page.url();
  await block(page).getByRole("button", { name: "Run example 1" }).click();
  await session(page, "[12, 14, 16, 18, 20]").waitFor();
  assert.equal(page.url(), address, "no page load");
  assert.match(await block(page).locator("[data-live]").textContent(), /It returned \[12, 14/);
  await block(page).getByText("Change it").click();
  await block(page).locator(".cm-content").click();
  await page.keyboard.press("Control+A");
  await page.keyboard.insertText('name = "Zoë"\nIO.puts(name)\nString.length(name)\n1 + :a');
  await page.keyboard.press("Control+Enter");
  await session(page, "ArithmeticError").waitFor();
  const shown = await session(page, "ArithmeticError").innerText();
  for (const part of ['"Zoë"', "Zoë\n", ":ok", "iex> String.length(name)", "3"]) assert.ok(shown.includes(part), shown);
  await shoot(page, "block");
  assert.deepEqual(await barriers(page), []);
  assert.deepEqual(complaints, []);
});

test("without scripts: the page comes back with what came of it", async () => {
  const { page, to } = await open(site, { javaScriptEnabled: false });
  await to("/lessons/numbers");
  await block(page).getByRole("button", { name: "Run example 1" }).click();
  await session(page, "[12, 14, 16, 18, 20]").waitFor();
  assert.match(page.url(), /#block-1$/);
});
