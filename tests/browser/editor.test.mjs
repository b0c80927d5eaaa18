// The editor: by keyboard alone, with what the compiler says in it, with its tools, and without scripts.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { BROKEN, RIGHT, WRONG, barriers, open, shoot, start } from "./site.mjs";

const CROOKED = "defmodule Double do\ndef of( n ),do: n*2\nend\n";
const UNREADABLE = "defmodule Double do\n  def of(n), do: (n * 2\nend\n";

// Most bytes, compressed, of a lesson's page with an editor in use, and of one without.
const WITH_EDITOR = 230_000;
const WITHOUT_EDITOR = 60_000;

let site;
before(async () => {
  site = await start();
});
after(() => site?.stop());

const exercise = (page) => page.locator("section#double");
const content = (page) => exercise(page).locator(".cm-content");
const text = (page) => exercise(page).locator("textarea[name=source]").inputValue();
const said = (page) => exercise(page).locator("[data-said]");
const active = (page) => page.evaluate(() => document.activeElement?.textContent ?? "");

async function enter(page, to) {
  await to("/lessons/numbers");
  await exercise(page).scrollIntoViewIfNeeded();
  await content(page).click();
}

async function write(page, code) {
  await content(page).click();
  await page.keyboard.press("Control+A");
  // Pasted, so that the editor closes no brackets by itself.
  await page.keyboard.insertText(code);
}

// A list that has just opened takes no key for 75 ms, so that none that was meant for the text picks something.
async function settled(page) {
  const now = await page.evaluate(() => Date.now());
  await page.waitForFunction((then) => Date.now() > then + 75, now);
}

async function verdict(page, words) {
  await exercise(page).locator(".verdict[data-verdict]", { hasText: words }).waitFor();
}

async function hasNoBarriers(page, name) {
  const found = [];
  for (const colorScheme of ["light", "dark"]) {
    await page.emulateMedia({ colorScheme });
    await shoot(page, `${name}-${colorScheme}`);
    for (const barrier of await barriers(page)) found.push(`${name} ${colorScheme}: ${barrier}`);
  }
  assert.deepEqual(found, []);
}

test("by keyboard alone: nothing traps, Tab indents where that was chosen, and F2 goes to the result", async () => {
  const { page, to, complaints } = await open(site);
  await enter(page, to);
  await page.keyboard.press("Control+Home");
  await page.keyboard.press("Tab");
  assert.equal(await active(page), "Run", "Tab is the page's own");
  await page.keyboard.press("Shift+Tab");
  await page.keyboard.press("Shift+Tab");
  assert.equal(await active(page), "Editor", "and so is Shift+Tab");
  await page.keyboard.press("Enter");
  await exercise(page).getByLabel("The Tab key indents").press("Space");
  await page.keyboard.press("Escape");
  assert.equal(await active(page), "Editor", "Escape closes the settings");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Tab");
  assert.match(await text(page), /^ {2}defmodule/, "now it indents");
  await page.keyboard.press("Shift+Tab");
  assert.match(await text(page), /^defmodule/);
  await page.keyboard.press("Escape");
  await page.keyboard.press("Tab");
  assert.equal(await active(page), "Run", "Escape, then Tab leaves it");
  await page.keyboard.press("Shift+Tab");
  await page.keyboard.press("Control+Enter");
  await verdict(page, "of 2 cases did not pass");
  assert.ok(await content(page).evaluate((one) => one === document.activeElement), "the focus stays in the editor");
  await page.keyboard.press("F2");
  assert.equal(await page.evaluate(() => document.activeElement?.getAttribute("aria-label")), "Result of “Double”");
  await page.keyboard.press("F2");
  assert.ok(await content(page).evaluate((one) => one === document.activeElement), "and back");
  assert.deepEqual(complaints, []);
});

test("completion comes after a module's dot or when asked for, says what it is, and closes before one leaves", async () => {
  const { page, to, complaints } = await open(site);
  await enter(page, to);
  const list = page.locator(".cm-tooltip-autocomplete");
  await write(page, "");
  await page.keyboard.type("value = number");
  // CodeMirror asks for it a tenth of a second after the last key, if at all.
  await page.waitForTimeout(400);
  assert.equal(await list.count(), 0, "it does not come unasked");
  await page.keyboard.press("Control+A");
  await page.keyboard.type("Enum.ma");
  await list.locator("li[aria-selected]", { hasText: /^map\/2$/ }).waitFor();
  await shoot(page, "completion");
  await page.locator(".cm-completionInfo", { hasText: /^map\(enumerable, fun\): Returns a list/ }).waitFor();
  await shoot(page, "completion");
  await settled(page);
  await page.keyboard.press("Enter");
  assert.equal(await text(page), "Enum.map()");
  await page.keyboard.type("[1], &String.upc");
  await list.getByText(/^upcase/).first().waitFor();
  await page.keyboard.press("Escape");
  await list.waitFor({ state: "detached" });
  assert.ok(await content(page).evaluate((one) => one === document.activeElement), "Escape closed the list only");
  await page.keyboard.press("Control+Space");
  await list.waitFor();
  await settled(page);
  await page.keyboard.press("Enter");
  assert.match(await text(page), /^Enum\.map\(\[1\], &String\.upcase\/\d\)$/);
  await page.keyboard.press("Control+Space");
  await page.keyboard.press("Escape");
  await page.keyboard.press("Escape");
  await page.keyboard.press("Tab");
  assert.equal(await active(page), "Run");
  assert.deepEqual(complaints, []);
});

test("what the compiler says is underlined where it says so, moves with the text and goes with the next run", async () => {
  const { page, to, complaints } = await open(site);
  await enter(page, to);
  await write(page, BROKEN);
  await page.keyboard.press("Control+Enter");
  await verdict(page, "does not compile yet");
  const wrong = exercise(page).locator(".cm-lintRange-error");
  assert.equal(await wrong.textContent(), "m");
  await wrong.hover();
  await page.locator(".cm-diagnostic-error", { hasText: "undefined variable" }).waitFor();
  await exercise(page).locator(".headline").hover();
  await page.keyboard.press("Control+Home");
  await page.keyboard.type("# a line more\n");
  assert.equal(await wrong.textContent(), "m", "it moved along");
  await shoot(page, "underlined");
  // What is typed is kept, so after a reload the text is another one than was sent, until it is that again.
  await write(page, BROKEN);
  await exercise(page).locator("[data-draft]", { hasText: /^Saved/ }).waitFor();
  await page.reload();
  await wrong.waitFor();
  assert.equal(await wrong.textContent(), "m", "it is there after a reload, with the code that was sent");
  await write(page, RIGHT);
  await page.keyboard.press("Control+Enter");
  await verdict(page, "All 2 visible cases passed");
  assert.equal(await wrong.count(), 0);
  assert.deepEqual(complaints, []);
});

test("the formatter writes the text anew, which can be undone, and leaves what it cannot read", async () => {
  const { page, to, complaints } = await open(site);
  await enter(page, to);
  await write(page, CROOKED);
  await exercise(page).getByRole("button", { name: "Format" }).click();
  await said(page).getByText("Formatted.", { exact: true }).waitFor();
  assert.equal(await text(page), "defmodule Double do\n  def of(n), do: n * 2\nend\n");
  await content(page).click();
  await page.keyboard.press("Control+Z");
  assert.equal(await text(page), CROOKED);
  await page.keyboard.press("Control+Y");
  await page.keyboard.press("Shift+Alt+F");
  await said(page).getByText("It was formatted already.").waitFor();
  await write(page, UNREADABLE);
  await page.keyboard.press("Shift+Alt+F");
  await said(page).getByText(/^Line 3, column 1: unexpected reserved word: end/).waitFor();
  assert.equal(await text(page), UNREADABLE, "it is as it was");
  assert.equal(await exercise(page).locator(".cm-lintRange-error").textContent(), "end");
  assert.deepEqual(complaints, []);
});

test("the starter comes back, and what was there by undoing", async () => {
  const { page, to, complaints } = await open(site);
  await enter(page, to);
  await write(page, RIGHT);
  await exercise(page).getByRole("button", { name: "Back to the starter" }).click();
  await said(page).getByText("Undo brings back").waitFor();
  assert.match(await text(page), /def of\(n\) do\n    n\n  end/);
  await content(page).click();
  await page.keyboard.press("Control+Z");
  assert.equal(await text(page), RIGHT);
  assert.deepEqual(complaints, []);
});

test("size and keys are chosen once for all editors and kept", async () => {
  const { page, to, complaints } = await open(site);
  await enter(page, to);
  const size = () => content(page).evaluate((one) => Number.parseFloat(getComputedStyle(one).fontSize));
  const before = await size();
  await exercise(page).getByText("Editor", { exact: true }).click();
  await exercise(page).getByRole("button", { name: "Larger code" }).click();
  assert.equal(Math.round((await size()) / before * 100), 115);
  await exercise(page).getByLabel("Vim’s keys").check();
  await exercise(page).locator(".cm-vimMode, .cm-vim-panel").first().waitFor({ state: "attached" });
  await hasNoBarriers(page, "editor-settings");
  await page.reload();
  await exercise(page).scrollIntoViewIfNeeded();
  await exercise(page).locator(".cm-vimMode, .cm-vim-panel").first().waitFor({ state: "attached" });
  assert.equal(Math.round((await size()) / before * 100), 115, "kept");
  await write(page, WRONG);
  await page.keyboard.press("Escape");
  await page.keyboard.type("gg");
  await page.keyboard.type("dd");
  assert.doesNotMatch(await text(page), /defmodule/, "a line is gone");
  await page.keyboard.type("Ix");
  assert.match(await text(page), /^ {2}xdef/);
  await page.keyboard.press("Escape");
  await page.keyboard.press("Tab");
  assert.equal(await active(page), "Run", "Escape, then Tab leaves it with Vim's keys, too");
  await page.keyboard.press("Shift+Tab");
  await page.keyboard.press("u");
  await page.keyboard.press("Control+Enter");
  await exercise(page).locator(".verdict[data-verdict]").waitFor();
  assert.deepEqual(complaints, []);
});

test("without scripts: format and starter come back as pages, and nothing that was typed is lost", async () => {
  const { page, to } = await open(site, { javaScriptEnabled: false });
  await to("/lessons/numbers");
  const area = exercise(page).locator("textarea[name=source]");
  assert.equal(await exercise(page).getByText("Editor", { exact: true }).isVisible(), false, "settings need scripts");
  await area.fill(CROOKED);
  await exercise(page).getByRole("button", { name: "Format" }).click();
  await exercise(page).getByText("Formatted.", { exact: true }).waitFor();
  assert.match(await area.inputValue(), /^ {2}def of\(n\), do: n \* 2$/m);
  assert.equal(await area.getAttribute("aria-invalid"), null);
  await area.fill(UNREADABLE);
  await exercise(page).getByRole("button", { name: "Format" }).click();
  await exercise(page).getByText("Line 3, column 1: unexpected reserved word: end").waitFor();
  assert.equal((await area.inputValue()).trim(), UNREADABLE.trim());
  await exercise(page).getByRole("button", { name: "Back to the starter" }).click();
  await exercise(page).getByText("The starter is back.").waitFor();
  assert.match(await area.inputValue(), /def of\(n\) do/);
  await exercise(page).getByText("What you had written").click();
  assert.equal((await exercise(page).locator(".notice pre").textContent()).trim(), UNREADABLE.trim());
});

test("what the starter replaced without an editor is there until one leaves the page", async () => {
  const { page } = await open(site);
  await page.route("**/editor.js*", (route) => route.abort());
  await page.goto(`${site.address}/lessons/numbers`);
  await exercise(page).locator("textarea[name=source]").fill("# not to be lost\n");
  await exercise(page).getByRole("button", { name: "Back to the starter" }).click();
  await exercise(page).getByText("The starter is back.").waitFor();
  // Before its scripts are there the page would be left by this click.
  await page.waitForLoadState();
  await exercise(page).getByRole("button", { name: "Run" }).click();
  await verdict(page, "cases did not pass");
  await exercise(page).getByText("What you had written").click();
  await exercise(page).getByText("# not to be lost").waitFor();
});

test("cases fill in one by one, and nothing moves when results come", async () => {
  const { page, to, complaints } = await open(site);
  await page.addInitScript(() => {
    window.shifts = [];
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) window.shifts.push({ value: entry.value, nodes: entry.sources.map(({ node }) => node?.outerHTML?.slice(0, 120)) });
    }).observe({ type: "layout-shift" });
  });
  await enter(page, to);
  const rows = exercise(page).locator(".result .cases > li");
  assert.deepEqual(await rows.locator(".name").allTextContents(), ["two", "inside", "below zero"], "all are known beforehand");
  const below = page.getByRole("heading", { name: "The answer", exact: true }).first();
  const place = () => below.evaluate((one) => one.getBoundingClientRect().top + scrollY);
  const at = await place();
  const moved = () => page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(window.shifts)))));
  // What comes between a click and the verdict, whoever caused it.
  const still = async (kind, code, words) => {
    await write(page, code);
    await moved();
    await page.evaluate(() => (window.shifts.length = 0));
    await exercise(page).getByRole("button", { name: kind }).click();
    if (code.includes("sleep")) {
      // All in one look: it is so for a second only.
      await page.waitForFunction(() => {
        const box = document.querySelector("#double .verdict.waiting");
        return (
          box?.querySelector(".cases > li:first-child .badge.passed") &&
          box.querySelectorAll(".cases > li").length === 3 &&
          /^\d of 3 cases ran$/.test(box.querySelector(".meta").textContent)
        );
      });
      await shoot(page, "cases-running");
    }
    await verdict(page, words);
    assert.equal(JSON.stringify(await moved()), "[]", `${kind}: ${words}`);
    assert.equal(await place(), at, `${kind}: ${words}: what follows stays where it is`);
  };
  await still("Submit", RIGHT.replace("n * 2", "(Process.sleep(500); n * 2)"), "All 3 cases passed");
  await still("Run", RIGHT, "All 2 visible cases passed");
  await still("Submit", WRONG.replace("n + 2", "if(n == 2, do: 4, else: :no)"), "of 3 cases did not pass");
  // Too much for the room that is kept, and what follows is in view.
  await page.setViewportSize({ width: 1280, height: 1900 });
  await still("Run", BROKEN, "does not compile yet");
  assert.equal(await exercise(page).getByText("Not reached").count(), 2, "the list is kept");
  await hasNoBarriers(page, "held");
  await exercise(page).getByRole("button", { name: "Show all of it" }).click();
  assert.ok((await place()) > at, "now it takes the room that it needs");
  assert.deepEqual(complaints, []);
});

test("a page weighs no more than it may", async () => {
  const weigh = async (path, use) => {
    const { page, to } = await open(site);
    const answers = [];
    page.on("response", (answer) => answers.push(answer));
    await to(path);
    await use(page);
    const sizes = await Promise.all(answers.map(async (answer) => (await answer.request().sizes()).responseBodySize));
    return sizes.reduce((sum, size) => sum + size, 0);
  };
  const without = await weigh("/", (page) => page.getByRole("heading").first().waitFor());
  const withEditor = await weigh("/lessons/numbers", async (page) => {
    await content(page).click();
    await page.keyboard.type("Enum.ma");
    await page.locator(".cm-tooltip-autocomplete").waitFor();
  });
  console.log(`without an editor ${without} bytes, with one in use ${withEditor}`);
  assert.ok(without <= WITHOUT_EDITOR, `${without} bytes without an editor`);
  assert.ok(withEditor <= WITH_EDITOR, `${withEditor} bytes with an editor in use`);
});
