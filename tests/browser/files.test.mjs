// An exercise of several files: with scripts and without, by keyboard, and what is said of a file leads into its editor.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { barriers, open, shoot, start } from "./site.mjs";

const RIGHT = "-module(edge).\n-export([twice/1]).\n\ntwice(Side) -> Side * Side.\n";
const BROKEN = RIGHT.replace("Side * Side", "Sied * Side");

let site;
before(async () => {
  site = await start("../it/roles/lessons");
});
after(() => site?.stop());

const exercise = (page) => page.locator("section#erlang-files");

async function verdict(page, words) {
  await exercise(page).locator(".verdict:not(.waiting)", { hasText: words }).waitFor();
}

async function looksWell(page, name) {
  const found = [];
  for (const colorScheme of ["light", "dark"]) {
    for (const width of [360, 1280]) {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width, height: 900 });
      const wide = await page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);
      if (wide) found.push(`${name} at ${width}: wider than the screen`);
      await shoot(page, `${name}-${colorScheme}-${width}`);
      for (const barrier of await barriers(page)) found.push(`${name} ${colorScheme} ${width}: ${barrier}`);
    }
  }
  assert.deepEqual(found, []);
}

test("with scripts: each file has its editor, and a remark leads into the right one", async () => {
  const { page, to, complaints } = await open(site);
  await to("/lessons/erlang#erlang-files");
  const editors = exercise(page).locator(".cm-content");
  await editors.nth(1).waitFor();
  assert.deepEqual(
    await editors.evaluateAll((all) => all.map((one) => one.getAttribute("aria-label"))),
    ["shape.erl of “Two modules”", "edge.erl of “Two modules”"],
  );
  await editors.nth(1).locator(".cm-line span").first().waitFor();
  assert.ok(await editors.nth(0).locator(".cm-line span").count(), "Erlang has its colours");
  // The label leads into its editor, as it would into a field.
  await exercise(page).getByText("edge.erl", { exact: true }).click();
  assert.ok(await editors.nth(1).evaluate((one) => one === document.activeElement), "the label leads into the editor");
  await page.keyboard.press("Control+A");
  await page.keyboard.insertText(BROKEN);
  await page.keyboard.press("Control+Enter");
  await verdict(page, "does not compile yet");
  await editors.nth(0).click();
  await exercise(page).getByRole("link", { name: "edge.erl, line 4" }).first().click();
  assert.ok(await editors.nth(1).evaluate((one) => one === document.activeElement), "the remark leads into its file");
  await looksWell(page, "files-broken");
  await page.setViewportSize({ width: 1280, height: 900 });
  await page.keyboard.press("Control+A");
  await page.keyboard.insertText(RIGHT);
  await page.keyboard.press("Control+Shift+Enter");
  await verdict(page, "The case passed");
  await page.reload();
  await verdict(page, "The case passed");
  assert.equal(await exercise(page).locator("textarea[name='file:edge.erl']").inputValue(), RIGHT);
  assert.match(await exercise(page).locator("textarea[name='file:shape.erl']").inputValue(), /edge:twice\(Side\)/);
  await to("/exercises/erlang-files/attempts");
  await page.getByRole("link", { name: /ago|just now/ }).first().click();
  await page.getByRole("heading", { name: "edge.erl" }).waitFor();
  await looksWell(page, "files-submission");
  assert.deepEqual(complaints, []);
});

test("without scripts: all files are sent, come back and are led into", async () => {
  const { page, to } = await open(site, { javaScriptEnabled: false });
  await to("/lessons/erlang#erlang-files");
  const edge = page.getByLabel("edge.erl of “Two modules”");
  await edge.fill(BROKEN);
  await exercise(page).getByRole("button", { name: "Run" }).click();
  await verdict(page, "does not compile yet");
  assert.equal((await edge.inputValue()).trim(), BROKEN.trim());
  await exercise(page).getByRole("link", { name: "edge.erl, line 4" }).first().click();
  await page.waitForURL(/#file-2-line-4$/);
  assert.match(await page.locator("#file-2-line-4").textContent(), /Sied/);
  await page.goBack();
  await edge.fill("x".repeat(70_000));
  await exercise(page).getByRole("button", { name: "Submit" }).click();
  await exercise(page).getByText("at most 65536 are accepted").waitFor();
  assert.equal((await edge.inputValue()).length, 70_000, "what was typed is kept");
  await edge.fill(RIGHT);
  await exercise(page).getByRole("button", { name: "Submit" }).click();
  await verdict(page, "The case passed");
});
