// What is typed is kept: over a reload, a cut network, an ended session; and of two versions none is lost.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { after, before, test } from "node:test";
import { RIGHT, WRONG, barriers, open, shoot, signUp, start } from "./site.mjs";

let site;
before(async () => {
  site = await start();
});
after(() => site?.stop());

const LESSON = "/lessons/numbers";
const exercise = (page) => page.locator("section#double");
const area = (page) => exercise(page).locator("textarea[name=source]");
const status = (page, words) => exercise(page).locator("[data-draft]", { hasText: words }).waitFor();
const conflict = (page) => exercise(page).locator(".versions");

/** Opens the lesson and waits for the editor. */
async function enter(page) {
  await page.goto(site.address + LESSON);
  await exercise(page).scrollIntoViewIfNeeded();
  await exercise(page).locator(".cm-content").waitFor();
}

async function write(page, code) {
  await exercise(page).locator(".cm-content").click();
  await page.keyboard.press("Control+A");
  await page.keyboard.insertText(code);
}

/** Waits until the editor and the form's field hold a text. */
async function holds(page, code) {
  await page.waitForFunction((code) => document.querySelector("#double textarea[name=source]").value === code, code);
  await exercise(page).locator(".cm-content", { hasText: code.split("\n")[0] }).waitFor();
}

/** The draft as the server has it, asked for as the page's reader. */
const draft = (page) => page.evaluate(async () => (await fetch("/api/v1/exercises/double/draft")).json());

/** The same person in another browser. */
async function signIn({ page, to }, email) {
  await to("/sign-in");
  await page.getByLabel("E-mail address").fill(email);
  await page.getByLabel("Password").fill("plum teapot quarrel");
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("button", { name: "Sign out" }).waitFor();
}

/** Ends everybody's sessions, as time does. */
function endSessions() {
  const versions = readdirSync("/usr/lib/postgresql").sort((a, b) => Number(b) - Number(a));
  const psql = `/usr/lib/postgresql/${versions[0]}/bin/psql`;
  const statement = "update sessions set expires_at = now() - interval '1 second'";
  execFileSync(psql, ["-q", "-X", "-v", "ON_ERROR_STOP=1", process.env.DATABASE_URL, "-c", statement]);
}

test("what is typed is there after a reload, also of a page that was left at once", async () => {
  const { page, complaints } = await open(site);
  await enter(page);
  await write(page, "# first\n");
  await status(page, /^Saved$/);
  await page.waitForFunction(() => document.querySelector("#double [data-draft]").textContent === "Saved");
  assert.equal((await draft(page)).source, "# first\n");
  await page.reload();
  await holds(page, "# first\n");
  await write(page, "# second, and gone\n");
  await page.reload();
  await holds(page, "# second, and gone\n");
  await page.waitForFunction(async () => (await (await fetch("/api/v1/exercises/double/draft")).json()).source.startsWith("# second"));
  await page.waitForFunction(() => !Object.keys(localStorage).some((name) => name.startsWith("draft ")), null, {});
  assert.deepEqual(complaints, []);
});

test("a change in another tab comes into an editor where nothing else was typed", async () => {
  const { page, context } = await open(site);
  await enter(page);
  const other = await context.newPage();
  await enter(other);
  await write(other, "# from the other tab\n");
  await holds(page, "# from the other tab\n");
  await status(page, "another tab");
  // The page goes on from it without a conflict.
  await write(page, "# and on\n");
  await holds(other, "# and on\n");
});

test("two tabs: both versions can be read, and one is chosen", async () => {
  const { page, context } = await open(site);
  await enter(page);
  const other = await context.newPage();
  await enter(other);
  await other.route("**/draft", (route) => route.abort());
  await write(other, "# typed without a network\n");
  await status(other, "on this device only");
  await write(page, "# typed with one\n");
  await conflict(other).getByText("# typed with one").waitFor();
  await holds(other, "# typed without a network\n");
  await other.unroute("**/draft");
  await conflict(other).getByRole("button", { name: "Keep what is in the editor" }).click();
  await holds(page, "# typed without a network\n");
  assert.equal((await draft(page)).source, "# typed without a network\n");
  assert.equal(await conflict(other).count(), 0);
});

test("two devices: neither is overwritten, and a reload does not choose", async () => {
  const here = await open(site);
  const email = await signUp(here, "ada");
  await enter(here.page);
  await write(here.page, "# start\n");
  await status(here.page, "Saved");
  const there = await open(site);
  await signIn(there, email);
  await enter(there.page);
  await holds(there.page, "# start\n");
  await write(there.page, "# from there\n");
  await there.page.waitForFunction(async () => (await (await fetch("/api/v1/exercises/double/draft")).json()).source === "# from there\n");
  await write(here.page, "# from here\n");
  await conflict(here.page).getByText("# from there").waitFor();
  assert.equal((await draft(here.page)).source, "# from there\n");
  for (const theme of ["light", "dark"]) {
    await here.page.evaluate((theme) => (document.documentElement.dataset.theme = theme), theme);
    assert.deepEqual(await barriers(here.page), [], theme);
  }
  await shoot(here.page, "drafts-conflict");
  await here.page.reload();
  await holds(here.page, "# from there\n");
  await conflict(here.page).getByText("# from here").waitFor();
  await conflict(here.page).getByRole("button", { name: "Take the other version" }).click();
  await holds(here.page, "# from here\n");
  await here.page.waitForFunction(async () => (await (await fetch("/api/v1/exercises/double/draft")).json()).source === "# from here\n");
});

test("a cut network is said once, and what was typed is sent when it is back", async () => {
  const { page, context } = await open(site);
  await enter(page);
  await write(page, "# before\n");
  await status(page, /^Saved$/);
  await context.setOffline(true);
  await write(page, "# typed in a tunnel\n");
  await status(page, "Saved on this device only: the server cannot be reached.");
  assert.match(await exercise(page).locator("[data-live]").textContent(), /on this device only/);
  await context.setOffline(false);
  await page.waitForFunction(() => document.querySelector("#double [data-draft]").textContent === "Saved");
  assert.equal((await draft(page)).source, "# typed in a tunnel\n");
  await page.reload();
  await holds(page, "# typed in a tunnel\n");
});

test("a server that slows the page down is waited for, and nothing is lost", async () => {
  const { page } = await open(site);
  await enter(page);
  let refusals = 0;
  await page.route("**/draft", (route) => {
    refusals += 1;
    return refusals > 2 ? route.continue() : route.fulfill({ status: 429, headers: { "retry-after": "1" }, contentType: "application/problem+json", body: "{}" });
  });
  await write(page, "# patient\n");
  await page.waitForFunction(() => document.querySelector("#double [data-draft]").textContent === "Saved");
  assert.equal((await draft(page)).source, "# patient\n");
  assert.ok(refusals >= 3);
});

test("an ended session keeps what is typed on this device until the same person is back", async () => {
  const reader = await open(site);
  const { page, context } = reader;
  const email = await signUp(reader, "ben");
  await enter(page);
  await write(page, "# before\n");
  await status(page, /^Saved$/);
  endSessions();
  await write(page, "# after\n");
  await status(page, "Your session has ended");
  await shoot(page, "drafts-session-ended");
  const other = await context.newPage();
  await signIn({ page: other, to: (path) => other.goto(site.address + path) }, email);
  // Any lesson of the same person wakes the tab that waits.
  await other.goto(site.address + LESSON);
  await page.waitForFunction(() => document.querySelector("#double [data-draft]").textContent === "Saved");
  assert.equal((await draft(page)).source, "# after\n");
});

test("an ended session on Submit signs in and returns to the filled form, whose text is saved", async () => {
  const reader = await open(site);
  const { page } = reader;
  const email = await signUp(reader, "cleo");
  await enter(page);
  await write(page, "# before\n");
  await status(page, /^Saved$/);
  endSessions();
  await write(page, RIGHT);
  await exercise(page).getByRole("button", { name: "Submit" }).click();
  await page.getByText("Sign in again here").waitFor();
  await page.getByLabel("E-mail address").fill(email);
  await page.getByLabel("Password").fill("plum teapot quarrel");
  await page.getByRole("button", { name: "Sign in and come back" }).click();
  await page.getByText("You are signed in again").waitFor();
  await holds(page, RIGHT);
  await page.waitForFunction(async (right) => (await (await fetch("/api/v1/exercises/double/draft")).json()).source === right, RIGHT);
  await exercise(page).getByRole("button", { name: "Submit" }).click();
  await exercise(page).locator(".verdict:not(.waiting)", { hasText: "All 3 cases passed" }).waitFor();
  assert.equal(await conflict(page).count(), 0);
});

test("signing up in another tab goes on, signing in as somebody else keeps texts apart", async () => {
  const { page, context } = await open(site);
  await enter(page);
  await write(page, "# as a guest\n");
  await status(page, /^Saved$/);
  await page.waitForFunction(() => document.querySelector("#double [data-draft]").textContent === "Saved");
  const other = await context.newPage();
  await signUp({ page: other, to: (path) => other.goto(site.address + path) }, "dora");
  await write(page, "# with an account\n");
  await other.goto(site.address + LESSON);
  await other.waitForFunction(async () => (await (await fetch("/api/v1/exercises/double/draft")).json()).source === "# with an account\n");
  await other.getByRole("button", { name: "Sign out" }).click();
  await other.getByRole("link", { name: "Sign in" }).waitFor();
  await write(page, "# hers alone\n");
  await status(page, "somebody signed in or out");
  await signUp({ page: other, to: (path) => other.goto(site.address + path) }, "eva");
  await enter(other);
  assert.ok(!(await area(other).inputValue()).includes("hers alone"));
  assert.equal((await other.evaluate(() => fetch("/api/v1/exercises/double/draft").then((answer) => answer.status))), 404);
  await exercise(page).getByRole("button", { name: "Save it for whoever is signed in now" }).click();
  await holds(other, "# hers alone\n");
});

test("attempts say what changed, and one of them can be put into the editor again", async () => {
  const reader = await open(site);
  const { page, to } = reader;
  await enter(page);
  for (const [code, words] of [[WRONG, "did not pass"], [RIGHT, "All 3 cases passed"]]) {
    await write(page, code);
    await exercise(page).getByRole("button", { name: "Submit" }).click();
    await exercise(page).locator(".verdict:not(.waiting)", { hasText: words }).waitFor();
  }
  await write(page, "# not sent\n");
  await page.waitForFunction(async () => (await (await fetch("/api/v1/exercises/double/draft")).json()).source === "# not sent\n");
  await to("/exercises/double/attempts");
  const newest = page.locator(".timeline > li").first();
  await newest.getByText(/Now passes: /).waitFor();
  await newest.getByText(/later/).waitFor();
  await newest.locator("summary").click();
  assert.equal(await newest.locator("ins").textContent(), "*");
  assert.equal(await newest.locator("del").textContent(), "+");
  for (const theme of ["light", "dark"]) {
    await page.evaluate((theme) => (document.documentElement.dataset.theme = theme), theme);
    assert.deepEqual(await barriers(page), [], theme);
  }
  await shoot(page, "attempts-timeline");
  await page.setViewportSize({ width: 320, height: 800 });
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= document.documentElement.clientWidth));
  await page.locator(".timeline > li").last().getByRole("button", { name: /Put into the editor/ }).click();
  await exercise(page).getByText("Another version is kept").waitFor();
  await exercise(page).scrollIntoViewIfNeeded();
  await holds(page, WRONG);
  await conflict(page).locator("summary").click();
  await exercise(page).getByText("# not sent").waitFor();
  await exercise(page).getByRole("button", { name: "Take that version" }).click();
  await holds(page, "# not sent\n");
  await exercise(page).getByText("There are two versions").waitFor({ state: "detached" });
  assert.equal(await conflict(page).count(), 0, "what was in the editor went along, and is asked about no more");
});

test("without the editor the text field itself is kept", async () => {
  const { page } = await open(site);
  await page.route("**/editor.js*", (route) => route.abort());
  await page.goto(site.address + LESSON);
  await area(page).fill("# in a plain field\n");
  await page.waitForFunction(() => document.querySelector("#double [data-draft]").textContent === "Saved");
  await page.reload();
  assert.equal(await area(page).inputValue(), "# in a plain field\n");
});

test("of several files each is kept", async () => {
  const other = await start("../it/roles/lessons");
  try {
    const { page, to } = await open(other);
    await to("/lessons/erlang#erlang-files");
    const files = page.locator("section#erlang-files");
    await files.locator(".cm-content").nth(1).click();
    await page.keyboard.press("Control+A");
    await page.keyboard.insertText("% edge, not sent\n");
    await files.locator("[data-draft]", { hasText: /^Saved$/ }).waitFor();
    await page.reload();
    assert.equal(await files.locator("textarea[name='file:edge.erl']").inputValue(), "% edge, not sent\n");
    assert.match(await files.locator("textarea[name='file:shape.erl']").inputValue(), /-module\(shape\)/);
  } finally {
    await other.stop();
  }
});

test("without scripts: a button saves, comes back to the same place, and a conflict is chosen from", async () => {
  const { page, to, context } = await open(site, { javaScriptEnabled: false });
  await to(LESSON);
  await area(page).fill("# saved by hand\n");
  const other = await context.newPage();
  await other.goto(site.address + LESSON);
  await exercise(page).getByRole("button", { name: "Save", exact: true }).click();
  await status(page, "Saved just now");
  assert.ok(page.url().endsWith("#double"), page.url());
  assert.equal(await area(page).inputValue(), "# saved by hand\n");
  await area(other).fill("# from the other tab\n");
  await exercise(other).getByRole("button", { name: "Save", exact: true }).click();
  await conflict(other).getByText("# saved by hand").waitFor();
  assert.equal(await area(other).inputValue(), "# from the other tab\n");
  await conflict(other).getByRole("button", { name: "Keep what is in the editor" }).click();
  await status(other, "Saved just now");
  await page.reload();
  assert.equal(await area(page).inputValue(), "# from the other tab\n");
});
