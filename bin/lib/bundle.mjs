// Bundles the editor into assets/dist/: editor.js, what it loads later, and completions.json, which Elixir's own
// documentation is made into (bin/lib/completions.exs). Without an Elixir at hand the editor completes without it.

import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { build } from "esbuild";

const OUT = "assets/dist";
const SCRIPT = "bin/lib/completions.exs";

const { metafile } = await build({
  entryPoints: ["assets/editor.js"],
  bundle: true,
  // Styles without an element for them.
  alias: { "style-mod": "./assets/style-mod.js" },
  splitting: true,
  minify: true,
  format: "esm",
  target: "es2022",
  legalComments: "none",
  logLevel: "warning",
  outdir: OUT,
  chunkNames: "chunk-[hash]",
  metafile: true,
});
// What an earlier bundle loaded.
const written = new Set(Object.keys(metafile.outputs));
for (const name of readdirSync(OUT)) {
  if (name.endsWith(".js") && !written.has(`${OUT}/${name}`)) rmSync(`${OUT}/${name}`);
}

const completions = `${OUT}/completions.json`;
if (!existsSync(completions) || statSync(completions).mtimeMs < statSync(SCRIPT).mtimeMs) {
  const json = made();
  if (json) writeFileSync(completions, json);
  else console.warn("bundle: no Elixir was found, neither here nor in an image: the editor completes without its documentation");
}

// By the machine's Elixir, or by that of the image that submissions run in.
function made() {
  const script = readFileSync(SCRIPT, "utf8");
  const image = process.env.ATHANOR_BASE_IMAGE ?? "athanor-base";
  for (const [program, ...given] of [["elixir", SCRIPT], ["docker", "run", "--rm", "--network", "none", image, "elixir", "-e", script]]) {
    try {
      const json = execFileSync(program, given, { encoding: "utf8", timeout: 60_000, stdio: ["ignore", "pipe", "ignore"] });
      JSON.parse(json);
      return json;
    } catch {
      // The next one may have it.
    }
  }
  return null;
}
