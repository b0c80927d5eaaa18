// What a learner is shown of a mistake: differences inside values, places that lead into the editor, much output.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { barriers, open, shoot, start } from "./site.mjs";

const MISTAKEN = `defmodule People do
  def ada do
    works = [%{title: "Notes", year: 1842}, %{title: "Letters", year: 1992}]
    %{born: ~D[1815-12-01], name: "Ada Lovelace ", work: works}
  end

  def numbers, do: Enum.to_list(1..60) ++ Enum.to_list(62..120)
  def greeting, do: "Hello, World! "
  def half(n), do: n / 2
  def kind(:person), do: :human
  def kind(:dog), do: :animal
  def name(person), do: person.nmae
  def list, do: IO.puts("one\\n two\\nthree ")
  def noise, do: for(n <- 1..9_000, do: IO.puts("line #{n}"))
end
`;

const BROKEN = `defmodule People do
  def ada, do: first + second
  def numbers(unused), do: lenght([1])
end
`;

let site;
before(async () => {
  site = await start("feedback");
});
after(() => site?.stop());

const exercise = (page) => page.locator("section#people");

async function hand(page, code, words) {
  await exercise(page).locator(".cm-content").click();
  await page.keyboard.press("Control+A");
  await page.keyboard.insertText(code);
  await exercise(page).getByRole("button", { name: "Submit" }).click();
  await exercise(page).locator(".verdict[data-verdict]", { hasText: words }).waitFor();
}

async function look(page, context, name) {
  for (const theme of ["light", "dark"]) {
    await context.addCookies([{ name: "theme", value: theme, url: site.address }]);
    for (const width of [320, 360, 1280]) {
      await page.setViewportSize({ width, height: 900 });
      await page.reload();
      await exercise(page).locator(".cm-content").waitFor();
      const wide = await page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);
      assert.equal(wide, false, `${name} at ${width} is wider than the screen`);
      await exercise(page).screenshot({ path: new URL(`../../test-results/feedback-${name}-${theme}-${width}.png`, import.meta.url).pathname });
      assert.deepEqual(await barriers(page), [], `${name} at ${width}, ${theme}`);
    }
  }
  await page.setViewportSize({ width: 1280, height: 900 });
}

test("what is wrong is marked inside the values, and said", async () => {
  const { page, to, context, complaints } = await open(site);
  await to("/lessons/people");
  await exercise(page).scrollIntoViewIfNeeded();
  await hand(page, MISTAKEN, "8 of 8 cases did not pass");
  const item = (name) => exercise(page).locator(".cases > li", { has: page.getByText(name, { exact: true }) });
  assert.match(await item("a nested map").locator(".why").textContent(), /key :work should be called :works/);
  assert.equal(await item("white space").locator(".actual del.invisible").getAttribute("title"), "space");
  assert.match(await item("white space").locator(".why").textContent(), /ends in a space that should not be there/);
  assert.match(await item("a long list").locator(".why").textContent(), /one fewer than expected: 61 is missing/);
  assert.match(await item("a long list").locator(".expected").textContent(), /… 58 equal elements …, 59, 60, .*61.*, 62, 63, … 57 equal elements …/s);
  assert.match(await item("an integer").locator(".why").textContent(), /2\.0 is a float, expected the integer 2/);
  assert.match(await item("a clause").locator(".actual").textContent(), /def kind\(:person\)/);
  assert.match(await item("a key").locator(".actual").textContent(), /Did you mean/);
  assert.ok(await item("what is printed").locator(".actual del").count());
  assert.match(await item("much is printed").locator(".output .cut").textContent(), /… [\d,]+ bytes cut …/);
  // A line of the stack leads into the editor.
  await item("a key").getByRole("link", { name: "line 12" }).click();
  assert.match(await page.locator(".cm-activeLine").textContent(), /person\.nmae/);
  await look(page, context, "failed");
  assert.deepEqual(complaints, []);
});

test("each remark of the compiler shows its line and leads to it, with scripts and without", async () => {
  const { page, to, context, complaints } = await open(site);
  await to("/lessons/people");
  await exercise(page).scrollIntoViewIfNeeded();
  await hand(page, BROKEN, "does not compile yet");
  const remarks = exercise(page).locator(".diagnostics > li");
  assert.ok((await remarks.count()) >= 3);
  assert.match(await remarks.first().textContent(), /Error/);
  assert.match(await remarks.last().textContent(), /Warning/);
  assert.equal(await exercise(page).getByText("Not reached").count(), 8, "the list of cases is kept");
  await remarks.filter({ hasText: 'undefined variable "second"' }).getByRole("link").click();
  assert.match(await page.locator(".cm-activeLine").textContent(), /first \+ second/);
  await look(page, context, "refused");
  const listing = await remarks.first().getByRole("link").getAttribute("href");
  await to(listing);
  const target = page.locator(new URL(listing, site.address).hash);
  assert.match(await target.textContent(), /first \+ second/);
  await shoot(page, "feedback-listing");
  assert.deepEqual(complaints, []);
});
