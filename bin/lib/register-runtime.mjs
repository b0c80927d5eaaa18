// register-runtime.mjs FILE NAME PATH ARGUMENT...: adds a container runtime to the Docker engine's configuration, and prints
// `changed` when that changed the file. What an operator wrote there stays, a runtime of that name included.
import { existsSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

const [file, name, path, ...runtimeArgs] = process.argv.slice(2);
const there = existsSync(file);
const text = there ? readFileSync(file, "utf8") : "";
const config = text.trim() === "" ? {} : JSON.parse(text);
if (typeof config !== "object" || config === null || Array.isArray(config)) throw new Error(`${file} is not a JSON object`);
if (config.runtimes?.[name] === undefined) {
  config.runtimes = { ...config.runtimes, [name]: { path, runtimeArgs } };
  mkdirSync(dirname(file), { recursive: true });
  // Renamed into place: an engine that starts meanwhile must not read half a file.
  const incoming = `${file}.incoming`;
  writeFileSync(incoming, `${JSON.stringify(config, null, 2)}\n`, { mode: there ? statSync(file).mode & 0o777 : 0o644 });
  renameSync(incoming, file);
  console.log("changed");
}
