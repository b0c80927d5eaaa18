// The real server and a real browser, for the tests beside this file.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
/** The program that is tested. */
export const program = process.env.ATHANOR_BIN ?? here("../../target/debug/athanor");
const results = here("../../test-results/");
mkdirSync(results, { recursive: true });

/** How the browser is started. */
const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Longest wait for the server to be there and for a verdict: the first ones boot containers. */
export const PATIENCE = 60_000;

/**
 * Starts the program with ARGUMENTS and answers it with the address it listens on. It never outlives the tests: a
 * server that is left has the output of whoever runs them, and whoever waits for that output to end waits for ever.
 */
export async function serve(args, env) {
  const server = spawn(program, args, { env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "inherit"] });
  process.once("exit", () => server.kill("SIGKILL"));
  return { server, address: await listening(server) };
}

function listening(server) {
  return new Promise((resolve, reject) => {
    let said = "";
    const late = setTimeout(() => reject(new Error(`the server does not listen: ${said}`)), PATIENCE);
    server.once("exit", (code) => reject(new Error(`the server ended with ${code}: ${said}`)));
    server.stdout.on("data", (data) => {
      said += data;
      const address = said.match(/(?:listening|preview) on (http:\S+)/)?.[1];
      if (!address) return;
      clearTimeout(late);
      resolve(address);
    });
  });
}

/**
 * A browser, without the desktop's part of it: it starts in a third of the time, and nothing here looks at that part.
 * Chromium once died of a segmentation fault while it started, before it had seen a page. Such a death is its own and not
 * of anything that is tested, so it is told and the browser started anew, once.
 */
export async function browse() {
  const launch = () =>
    chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium-headless-shell", args: FLAGS });
  return launch().catch((error) => {
    if (!/signal=SIG(SEGV|TRAP|ILL|BUS)/.test(error.message)) throw error;
    console.error(`The browser died while it started, and is started anew: ${error.message}`);
    return launch();
  });
}

/** Starts `athanor serve` on a free port with a small course, and a browser beside it. */
export async function start(course = "lessons") {
  return beside(await serve(
    ["serve", "--listen", "127.0.0.1:0", "--lessons", here(course)],
    { ATHANOR_METRICS_LISTEN: "off", ATHANOR_LOG: "warn", ATHANOR_POOL: "2" },
  ));
}

/** A browser beside a server, and how to stop both. */
export async function beside({ server, address }) {
  const browser = await browse();
  return { address, browser, stop: () => stop(server, browser) };
}

async function stop(server, browser) {
  await browser.close();
  if (server.exitCode !== null || server.signalCode !== null) return;
  const ended = new Promise((resolve) => server.once("exit", resolve));
  server.kill("SIGTERM");
  await ended;
}

/** A page of a browser that nobody has used; what the console complains about makes the test fail. */
export async function open(site, options = {}) {
  const context = await site.browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(PATIENCE);
  const complaints = [];
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("console", (message) => {
    // Answers of 4xx are logged by the browser as errors; taking a screenshot puts a style into the page.
    const expected = /status of 4\d\d|Applying inline style/;
    if (message.type() === "error" && !expected.test(message.text())) complaints.push(message.text());
  });
  return { context, page, complaints, to: (path) => page.goto(site.address + path) };
}

export async function shoot(page, name) {
  await page.screenshot({ path: `${results}${name}.png`, fullPage: true });
}

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** What is in the way of somebody on this page, by axe's rules: a line for each, none where nothing is. */
export async function barriers(page) {
  await page.evaluate(axe);
  const { violations, passes } = await page.evaluate(() => window.axe.run());
  assert.ok(passes.length > 5, "axe looked at something");
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html.slice(0, 160)).join(" | ")}`);
}

/** Makes an account and answers its address, which nobody had before: files share a database. */
export async function signUp({ page, to }, name) {
  const email = `${name}.${Date.now()}@example.org`;
  await to("/sign-up");
  await page.getByLabel("Name").fill(name);
  await page.getByLabel("E-mail address").fill(email);
  await page.getByLabel("Password").fill("plum teapot quarrel");
  await page.getByRole("button", { name: "Sign up", exact: true }).click();
  await page.getByText(name, { exact: true }).waitFor();
  return email;
}

export const RIGHT = "defmodule Double do\n  def of(n), do: n * 2\nend\n";
export const WRONG = "defmodule Double do\n  def of(n), do: n + 2\nend\n";
export const BROKEN = "defmodule Double do\n  def of(n), do: m * 2\nend\n";
