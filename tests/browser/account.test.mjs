// An account and its owner: with scripts and without, by mail, and by another site's word.

import assert from "node:assert/strict";
import { createHash, generateKeyPairSync, sign } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { createServer as createMailServer } from "node:net";
import { after, before, test } from "node:test";
import { barriers, open, shoot, signUp, start } from "./site.mjs";

const PASSWORD = "plum teapot quarrel";
const NEW = "walnut ferry lantern";

let site;
let mail;
let issuer;
before(async () => {
  mail = await mailbox();
  issuer = await provider();
  Object.assign(process.env, mail.settings, issuer.settings);
  site = await start();
});
after(async () => {
  await site?.stop();
  mail?.server.close();
  issuer?.server.close();
});

/** Listens on a free port and answers it. */
function listen(server) {
  return new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(server.address().port)));
}

/** A mail server that hands each letter to whoever asks for the next. */
async function mailbox() {
  const letters = [];
  const asking = [];
  const put = (letter) => (asking.length ? asking.shift()(letter) : letters.push(letter));
  const server = createMailServer((socket) => {
    let rest = "";
    let text = null;
    socket.on("error", () => {});
    socket.write("220 mailbox\r\n");
    socket.on("data", (data) => {
      rest += data;
      for (let end = rest.indexOf("\r\n"); end >= 0; end = rest.indexOf("\r\n")) {
        const line = rest.slice(0, end);
        rest = rest.slice(end + 2);
        if (text !== null && line !== ".") text += `${line}\n`;
        else if (text !== null) {
          put(text.replaceAll("=\n", "").replaceAll("=3D", "="));
          text = null;
          socket.write("250 taken\r\n");
        } else if (line === "DATA") {
          text = "";
          socket.write("354 go on\r\n");
        } else if (line === "QUIT") socket.end("221 bye\r\n");
        else socket.write("250 mailbox\r\n");
      }
    });
  });
  const port = await listen(server);
  const settings = { ATHANOR_SMTP_URL: `smtp://127.0.0.1:${port}`, ATHANOR_MAIL_FROM: "athanor@example.org" };
  const letter = () => new Promise((resolve) => (letters.length ? resolve(letters.shift()) : asking.push(resolve)));
  const link = async () => {
    for (;;) {
      const found = (await letter()).match(/^http:\S+\/reset\/\S+$/m);
      if (found) return found[0];
    }
  };
  return { server, settings, link };
}

/** Another site that signs in whoever comes, at once. */
async function provider() {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const codes = new Map();
  const part = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
  let address;
  let people = 0;
  const server = createServer(async (request, response) => {
    const url = new URL(request.url, address);
    const json = (value) => response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(value));
    if (url.pathname === "/.well-known/openid-configuration") {
      const at = (path) => `${address}${path}`;
      json({ issuer: address, authorization_endpoint: at("/authorize"), token_endpoint: at("/token"), jwks_uri: at("/keys") });
    } else if (url.pathname === "/keys") {
      json({ keys: [{ ...publicKey.export({ format: "jwk" }), kid: "k1", use: "sig" }] });
    } else if (url.pathname === "/authorize") {
      const asked = Object.fromEntries(url.searchParams);
      codes.set("a-code", asked);
      const back = new URL(asked.redirect_uri);
      back.search = new URLSearchParams({ state: asked.state, code: "a-code" });
      response.writeHead(302, { location: back.href }).end();
    } else {
      let body = "";
      for await (const piece of request) body += piece;
      const form = new URLSearchParams(body);
      const asked = codes.get(form.get("code"));
      const challenge = createHash("sha256").update(form.get("code_verifier")).digest("base64url");
      if (asked?.code_challenge !== challenge) return response.writeHead(400).end();
      const now = Math.floor(Date.now() / 1000);
      people += 1;
      const person = { sub: "g-1", name: "Grace", email: `grace.${people}@example.org`, email_verified: true };
      const claims = { iss: address, aud: "athanor", nonce: asked.nonce, iat: now, exp: now + 300, ...person };
      const signed = `${part({ alg: "ES256", kid: "k1" })}.${part(claims)}`;
      const signature = sign("sha256", Buffer.from(signed), { key: privateKey, dsaEncoding: "ieee-p1363" });
      json({ access_token: "unused", token_type: "Bearer", id_token: `${signed}.${signature.toString("base64url")}` });
    }
  });
  address = `http://127.0.0.1:${await listen(server)}`;
  const settings = {
    ATHANOR_OIDC_ISSUER: address,
    ATHANOR_OIDC_CLIENT_ID: "athanor",
    ATHANOR_OIDC_CLIENT_SECRET: "s3cret",
    ATHANOR_OIDC_NAME: "Example University",
  };
  return { server, settings };
}

for (const javaScriptEnabled of [true, false]) {
  const how = javaScriptEnabled ? "with scripts" : "without scripts";

  test(`an account is changed, downloaded and deleted ${how}`, async () => {
    const reader = await open(site, { javaScriptEnabled });
    const { page, complaints } = reader;
    const email = await signUp(reader, "ada");
    await page.getByRole("link", { name: "ada", exact: true }).click();
    await page.getByRole("heading", { name: "Your account" }).waitFor();
    await page.getByLabel(/^Name/).fill("Ada Lovelace");
    await page.getByRole("button", { name: "Save the name" }).click();
    await page.getByText("Your name is changed.").waitFor();
    await page.getByRole("link", { name: "Ada Lovelace", exact: true }).waitFor();

    await page.getByLabel(/^E-mail address/).fill(`new.${email}`);
    await page.getByLabel("Your password", { exact: true }).fill("a guess");
    await page.getByRole("button", { name: "Save the address" }).click();
    await page.getByText("The present password is another one.").waitFor();
    assert.equal(await page.getByLabel(/^E-mail address/).inputValue(), `new.${email}`);
    await page.getByLabel("Your password", { exact: true }).fill(PASSWORD);
    await page.getByRole("button", { name: "Save the address" }).click();
    await page.getByText("Your e-mail address is changed.").waitFor();

    const downloading = page.waitForEvent("download");
    await page.getByRole("link", { name: "Download all that is kept about you" }).click();
    const download = await downloading;
    assert.equal(download.suggestedFilename(), "athanor-account.json");
    const whole = JSON.parse(readFileSync(await download.path(), "utf8"));
    assert.equal(whole.account.email, `new.${email}`);

    await page.getByLabel("Type the word “delete”").fill("no");
    await page.getByLabel("Your password, to delete the account").fill(PASSWORD);
    await page.getByRole("button", { name: "Delete my account" }).click();
    await page.getByText("so that this does not happen by a slip").waitFor();
    await page.getByLabel("Type the word “delete”").fill("delete");
    await page.getByLabel("Your password, to delete the account").fill(PASSWORD);
    await page.getByRole("button", { name: "Delete my account" }).click();
    await page.getByRole("heading", { name: "Your account is deleted" }).waitFor();
    await page.getByRole("link", { name: "Sign in", exact: true }).waitFor();
    assert.deepEqual(complaints, []);
    await reader.context.close();
  });

  test(`a forgotten password is replaced by mail ${how}`, async () => {
    const reader = await open(site, { javaScriptEnabled });
    const { page, to, complaints } = reader;
    const email = await signUp(reader, "bob");
    await page.getByRole("link", { name: "bob", exact: true }).click();
    await page.getByRole("button", { name: "Sign out everywhere" }).click();
    await page.getByRole("heading", { name: "Sign in" }).waitFor();
    await page.getByRole("link", { name: "Forgot your password?" }).click();
    await page.getByLabel("E-mail address").fill(email);
    await page.getByRole("button", { name: "Mail me a link" }).click();
    await page.getByText("If there is an account with this address").waitFor();
    const link = await mail.link();
    await page.goto(link);
    await page.getByLabel(/^New password/).fill(NEW);
    await page.getByRole("button", { name: "Save and sign in" }).click();
    await page.getByText("Your password is changed").waitFor();
    await page.goto(link);
    await page.getByRole("heading", { name: "This link is of no more use" }).waitFor();
    await to("/account");
    await page.getByRole("button", { name: "Sign out", exact: true }).click();
    await page.getByRole("link", { name: "Sign in", exact: true }).waitFor();
    await to("/sign-in?next=/progress");
    await page.getByLabel("E-mail address").fill(email);
    await page.getByLabel("Password").fill(NEW);
    await page.getByRole("button", { name: "Sign in", exact: true }).click();
    await page.waitForURL((url) => url.pathname === "/progress");
    assert.deepEqual(complaints, []);
    await reader.context.close();
  });

  test(`another site signs somebody in until they disconnect it ${how}`, async () => {
    const reader = await open(site, { javaScriptEnabled });
    const { page, to, complaints } = reader;
    await to("/sign-in?next=/progress");
    await page.getByRole("button", { name: "Sign in with Example University" }).click();
    await page.waitForURL((url) => url.pathname === "/progress");
    await page.getByRole("link", { name: "Grace", exact: true }).click();
    await page.getByText("Connected: it is how you sign in.").waitFor();
    await page.getByRole("link", { name: "Choose a password" }).click();
    await page.getByLabel(/^New password/).fill(NEW);
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await page.waitForURL("**/account");
    await page.getByLabel(/^Your password, to disconnect it/).fill("a guess");
    await page.getByRole("button", { name: "Disconnect Example University" }).click();
    await page.getByText("The present password is another one.").waitFor();
    await page.getByLabel(/^Your password, to disconnect it/).fill(NEW);
    await page.getByRole("button", { name: "Disconnect Example University" }).click();
    await page.getByText("Disconnected: nobody signs in").waitFor();
    await page.getByRole("button", { name: "Connect Example University" }).waitFor();
    assert.deepEqual(complaints, []);
    await reader.context.close();
  });
}

for (const theme of ["light", "dark"]) {
  test(`the pages of an account have no barrier in the ${theme} theme`, async () => {
    const reader = await open(site);
    const { page, to, context } = reader;
    const email = await signUp(reader, "eve");
    await context.addCookies([{ name: "theme", value: theme, url: site.address }]);
    await to("/account");
    await page.getByLabel("Your password, to connect it").fill(PASSWORD);
    await page.getByRole("button", { name: "Connect Example University" }).click();
    await page.getByText("Connected: from now on").waitFor();
    const guest = await open(site);
    await guest.context.addCookies([{ name: "theme", value: theme, url: site.address }]);
    await guest.to("/reset");
    await guest.page.getByLabel("E-mail address").fill(email);
    await guest.page.getByRole("button", { name: "Mail me a link" }).click();
    const link = await mail.link();
    const refused = async () => {
      await to("/account");
      await page.getByLabel("Type the word “delete”").fill("no");
      await page.getByLabel("Your password, to delete the account").fill("a guess");
      await page.getByRole("button", { name: "Delete my account" }).click();
      await page.getByText("so that this does not happen by a slip").waitFor();
    };
    const pages = {
      account: [page, () => to("/account")],
      "account-refused": [page, refused],
      "account-deleted": [page, () => to("/account/deleted")],
      reset: [guest.page, () => guest.to("/reset")],
      "reset-asked": [guest.page, () => guest.to("/reset?asked=yes")],
      "new-password": [guest.page, () => guest.page.goto(link)],
      "link-of-no-use": [guest.page, () => guest.to("/reset/x")],
      "sign-in-elsewhere": [guest.page, () => guest.to("/sign-in")],
      "openid-refused": [guest.page, () => guest.to("/openid/callback?state=x&code=y")],
    };
    const found = [];
    for (const [name, [page, show]] of Object.entries(pages)) {
      for (const width of [320, 1280]) {
        await page.setViewportSize({ width, height: 900 });
        await show();
        const wide = await page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);
        if (wide) found.push(`${name} at ${width}: wider than the screen`);
        await shoot(page, `${name}-${theme}-${width}`);
        for (const barrier of await barriers(page)) found.push(`${name} at ${width}: ${barrier}`);
      }
    }
    // Grace is free for the next one.
    await to("/account");
    await page.getByLabel(/^Your password, to disconnect it/).fill(PASSWORD);
    await page.getByRole("button", { name: "Disconnect Example University" }).click();
    await page.getByText("Disconnected: nobody signs in").waitFor();
    assert.deepEqual(found, []);
    await guest.context.close();
    await context.close();
  });
}
