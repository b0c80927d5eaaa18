// Every page in both themes, by axe's rules and in three widths; screenshots are left in test-results/.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { after, before, test } from "node:test";
import { BROKEN, RIGHT, WRONG, barriers, open, program, shoot, signUp, start } from "./site.mjs";

const WIDTHS = [320, 768, 1440];

let site;
let reader;
let pages;
before(async () => {
  site = await start();
  reader = await open(site, { viewport: { width: 1440, height: 900 } });
  const { page, to } = reader;
  const email = await signUp(reader, "ada");
  await to("/lessons/numbers");
  const exercise = page.locator("section#double");
  await exercise.scrollIntoViewIfNeeded();
  for (const [code, words] of [[RIGHT, "All 3 cases passed"], [BROKEN, "does not compile yet"], [WRONG, "of 3 cases did not pass"]]) {
    await exercise.locator(".cm-content").click();
    await page.keyboard.press("Control+A");
    await page.keyboard.insertText(code);
    await exercise.getByRole("button", { name: "Submit" }).click();
    await exercise.locator(".verdict[data-verdict]", { hasText: words }).waitFor();
  }
  await to("/exercises/double/attempts");
  const submissions = await page.locator(".timeline a").evaluateAll((links) => links.map((link) => link.getAttribute("href")));
  execFileSync(program, ["user", "role", email, "instructor"]);
  pages = {
    home: "/",
    lesson: "/lessons/numbers",
    attempts: "/exercises/double/attempts",
    "submission-failed": submissions[0],
    "submission-broken": submissions[1],
    "submission-passed": submissions[2],
    progress: "/progress",
    review: "/instructor/submissions",
    reports: "/instructor/reports",
    glossary: "/glossary",
    search: "/search?q=duoble",
    "search-empty": "/search?q=zzzz",
    account: "/account",
    tokens: "/account/tokens",
    reset: "/reset",
    "sign-in": "/sign-in",
    "sign-up": "/sign-up",
    password: "/password",
    missing: "/nothing-here",
  };
});
after(() => site?.stop());

for (const theme of ["light", "dark"]) {
  test(`no page has a barrier in the ${theme} theme, nor a page wider than the screen`, async () => {
    const { page, to, context } = reader;
    await context.addCookies([{ name: "theme", value: theme, url: site.address }]);
    const found = [];
    for (const [name, path] of Object.entries(pages)) {
      for (const width of WIDTHS) {
        await page.setViewportSize({ width, height: 900 });
        await to(path);
        if (name === "lesson") await page.locator(".cm-content").first().waitFor();
        const wide = await page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);
        if (wide) found.push(`${name} at ${width}: wider than the screen`);
        await shoot(page, `${name}-${theme}-${width}`);
        if (width === 768) continue;
        for (const barrier of await barriers(page)) found.push(`${name} at ${width}: ${barrier}`);
      }
    }
    assert.deepEqual(found, []);
  });
}

test("on the widest screens lines stay short, and paper has the lesson in dark letters without what is clicked", async () => {
  const { page, to, context } = await open(site, { viewport: { width: 3840, height: 2160 } });
  await context.addCookies([{ name: "theme", value: "dark", url: site.address }]);
  await to("/lessons/numbers");
  await page.locator(".cm-content").first().waitFor();
  const widest = await page.locator("main p").evaluateAll((all) => Math.max(...all.map((one) => one.offsetWidth / Number.parseFloat(getComputedStyle(one).fontSize))));
  assert.ok(widest < 55, `${widest} em`);
  await shoot(page, "lesson-dark-3840");
  await page.setViewportSize({ width: 794, height: 1123 });
  await page.emulateMedia({ media: "print" });
  await shoot(page, "lesson-print");
  for (const name of ["Run", "Submit", "Format"]) assert.equal(await page.getByRole("button", { name, exact: true }).first().isVisible(), false);
  assert.equal(await page.locator("#course").isVisible(), false);
  assert.ok(await page.getByText("Write Double.of/1").isVisible());
  const [letters, paper] = await page.evaluate(() => {
    const { color } = getComputedStyle(document.querySelector("main p"));
    return [color, getComputedStyle(document.body).backgroundColor].map((one) => one.match(/\d+/g).slice(0, 3).reduce((sum, part) => sum + Number(part), 0));
  });
  assert.ok(letters < 300 && paper > 700, `${letters} on ${paper}`);
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= document.documentElement.clientWidth));
});

test("a screen reader meets an exercise in the order of the work, and so does the Tab key", async () => {
  const { page, to } = await open(site);
  await to("/lessons/numbers");
  const exercise = page.locator("section#double");
  await exercise.locator(".cm-content").waitFor();
  const tree = await exercise.ariaSnapshot();
  const order = [
    /heading "Double"/,
    /What it should do/,
    /textbox "Your code for “Double”"/,
    /button "Run"/,
    /button "Submit"/,
    /button "Show the hint"/,
    /region "Result of “Double”"/,
  ];
  const places = order.map((what) => tree.search(what));
  assert.ok(places.every((place) => place >= 0), `${places}\n${tree}`);
  assert.deepEqual(places.toSorted((a, b) => a - b), places, tree);
  await exercise.locator(".cm-content").focus();
  await page.keyboard.press("Escape");
  const met = [];
  for (let step = 0; step < 12 && !met.includes("Show the hint"); step += 1) {
    await page.keyboard.press("Tab");
    met.push(await page.evaluate(() => document.activeElement.textContent.trim()));
  }
  const wanted = ["Run", "Submit", "Show the hint"];
  assert.deepEqual(met.filter((name) => wanted.includes(name)), wanted, met.join(" | "));
});
