// Writes what goes into pages, made small: viewer.min.js from viewer.js, stepper.min.js from stepper.js and all that it imports;
// with --check, says whether that is done. It is kept in the repository, since whoever uses the package has no Node.

import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { minify } from "terser";

const PACKAGE = new URL("../../microtorch/", import.meta.url);
const IMPORT = /^import \{[^}]*\} from "(\.\/[a-z]+\.js)";\n/gm;
const read = (url) => readFileSync(url, "utf8");

/** The files that one needs, each after all that it imports itself. */
function needed(url, found = []) {
  for (const [, name] of read(url).matchAll(IMPORT)) needed(new URL(name, url), found);
  if (!found.some((each) => each.href === url.href)) found.push(url);
  return found;
}

/** The viewer as a script, not a module: it is run for one drawing, and leaves no name behind. */
function viewer(sources) {
  const body = sources[0].replace(/^export /gm, "");
  return { script: `(() => {${body}; mount(document.currentScript.parentNode, document.currentScript); })()`, options: {} };
}

/** Joined files share their names: of two that are the same, one would be lost without a word. */
function refuseTwins(sources) {
  const names = sources.flatMap((source) =>
    [...source.matchAll(/^(?:export )?(?:function|const|let|class) (\w+)/gm)].map(([, name]) => name),
  );
  const twins = names.filter((name, i) => names.indexOf(name) < i);
  if (twins.length) throw new Error(`two files that are joined define ${twins.join(", ")}`);
}

/** The stepper as one module, which exports what its last file does; a page that it stands in calls `mount` by its name. */
function stepper(sources) {
  refuseTwins(sources);
  const parts = sources.map((source) => source.replace(IMPORT, ""));
  const script = [...parts.slice(0, -1).map((part) => part.replace(/^export /gm, "")), parts.at(-1)].join("\n");
  return { script, options: { module: true, mangle: { reserved: ["mount"] } } };
}

for (const [name, make] of [
  ["viz/page/static/viewer", viewer],
  ["widgets/static/stepper", stepper],
]) {
  const urls = needed(new URL(`${name}.js`, PACKAGE));
  const sources = urls.map(read);
  const { script, options } = make(sources);
  const { code } = await minify(script, { ecma: 2020, compress: { passes: 3, unsafe_arrows: true }, mangle: true, ...options });
  const names = urls.map((url) => url.pathname.split("/").at(-1)).join(" ");
  const made = `// ${names}, sha256 ${createHash("sha256").update(sources.join("")).digest("hex")}\n${code}\n`;
  const target = new URL(`${name}.min.js`, PACKAGE);
  if (!process.argv.includes("--check")) writeFileSync(target, made);
  else if (made !== read(target)) {
    console.error(`${name}.min.js is not what its source gives: npm run fix`);
    process.exitCode = 1;
  }
}
