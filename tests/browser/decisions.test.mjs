// Tokens of one's programs, and a regrade that an instructor decides on.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { RIGHT, WRONG, barriers, open, program, shoot, signUp, start } from "./site.mjs";

const ABSOLUTE = RIGHT.replace("n * 2", "abs(n) * 2");

// The author finds later that minus signs were never meant to count.
const changed = mkdtempSync(join(tmpdir(), "athanor-lessons-"));
cpSync(fileURLToPath(new URL("lessons", import.meta.url)), changed, { recursive: true });
const lesson = join(changed, "01-first/01-numbers.md");
const text = readFileSync(lesson, "utf8");
writeFileSync(
  lesson,
  text
    .replace("\n-26\n", "\n26\n")
    .replace(/```elixir wrong[^]*?```\n/, "")
    .replace("def of(n), do: n * 2", "def of(n), do: abs(n) * 2"),
);

let site;
before(async () => {
  site = await start();
});
after(async () => {
  await site?.stop();
  rmSync(changed, { recursive: true });
});

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

test("a person makes a token, uses it and revokes it", async () => {
  const reader = await open(site);
  const { page, complaints } = reader;
  await signUp(reader, "tessa");
  await page.getByRole("link", { name: "tessa" }).click();
  await page.getByRole("link", { name: "Tokens for programs" }).click();
  await page.getByRole("heading", { name: "Tokens", exact: true }).waitFor();
  await page.getByLabel("Name").fill("my editor");
  await page.getByRole("button", { name: "Make the token" }).click();
  await page.getByText("Choose at least one scope").waitFor();
  assert.equal(await page.getByLabel("Name").inputValue(), "my editor", "what was typed is kept");
  await page.getByRole("checkbox", { name: /^submit:/ }).check();
  await page.getByRole("button", { name: "Make the token" }).click();
  const token = await page.getByLabel("Your new token").inputValue();
  await looksWell(page, "tokens");
  const ask = () => fetch(`${site.address}/api/v1/languages`, { headers: { authorization: `Bearer ${token}` } });
  assert.equal((await ask()).status, 200);
  await page.goto(`${site.address}/account/tokens`);
  assert.equal(await page.getByLabel("Your new token").count(), 0, "it is shown once");
  await page.getByRole("button", { name: "Revoke my editor" }).click();
  await page.getByText("You have none.").waitFor();
  assert.equal((await ask()).status, 401);
  assert.deepEqual(complaints, []);
});

test("an instructor sees who loses and wins by a regrade, and applies it", async () => {
  for (const [name, code] of [["ada", RIGHT], ["ben", ABSOLUTE], ["cleo", WRONG]]) {
    const reader = await open(site, { javaScriptEnabled: false });
    await signUp(reader, name);
    await reader.to("/lessons/numbers");
    const exercise = reader.page.locator("section#double");
    await exercise.locator("textarea").fill(code);
    await exercise.getByRole("button", { name: "Submit" }).click();
    await exercise.locator(".verdict:not(.waiting)").waitFor();
    await reader.context.close();
  }
  await site.stop();
  site = await start(changed);
  const regrade = (...more) => execFileSync(program, ["regrade", "--exercise", "double", "--format", "json", ...more]);
  assert.ok(JSON.parse(regrade()).losers.length >= 1);
  const ira = await open(site);
  const email = await signUp(ira, "ira");
  execFileSync(program, ["user", "role", email, "instructor"]);
  const { page, to } = ira;
  await to("/instructor/submissions");
  await page.getByRole("link", { name: "Regrades" }).click();
  await page.getByText("waits for a decision").waitFor();
  await looksWell(page, "regrades");
  await page.setViewportSize({ width: 1280, height: 900 });
  await page.getByRole("link", { name: /ago|just now/ }).first().click();
  await page.getByRole("heading", { name: /^Regrade of/ }).waitFor();
  await page.locator("main h2").nth(1).waitFor();
  const headings = await page.locator("main h2").allTextContents();
  assert.match(headings[0], /would not pass any more/);
  assert.match(headings[1], /would pass now/);
  await looksWell(page, "regrade");
  await page.getByRole("checkbox", { name: /I have looked/ }).check();
  await page.getByRole("button", { name: "Let these verdicts stand" }).click();
  await page.getByText(/Applied: \d+ lost, \d+ won/).waitFor();
  assert.equal(await page.getByRole("heading", { name: "Decide" }).count(), 0);
});
