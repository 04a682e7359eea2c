// Writes viewer.min.js, which goes into every drawing of a notebook, from viewer.js; with --check, says whether that is done.
// What it makes is kept in the repository, since whoever uses the package has no Node.

import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { minify } from "terser";

const folder = new URL("../../microtorch/viz/page/static/", import.meta.url);
const source = readFileSync(new URL("viewer.js", folder), "utf8");
const body = source.replace(/^export /gm, ""); // as a script, not a module: it is run for one drawing, and leaves no name behind
const script = `(() => {${body}; mount(document.currentScript.parentNode, document.currentScript); })()`;
const { code } = await minify(script, { ecma: 2020, compress: { passes: 3, unsafe_arrows: true }, mangle: true });
const made = `// viewer.js, sha256 ${createHash("sha256").update(source).digest("hex")}\n${code}\n`;
const target = new URL("viewer.min.js", folder);

if (!process.argv.includes("--check")) writeFileSync(target, made);
else if (made !== readFileSync(target, "utf8")) {
  console.error("viewer.min.js is not what viewer.js gives: npm run fix");
  process.exitCode = 1;
}
