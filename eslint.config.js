// What is looked for in the JavaScript: likely bugs. How it is laid out is prettier's business.

import js from "@eslint/js";
import globals from "globals";

export default [
  { ignores: ["**/*.min.js", ".venv/", "build/", "dist/", ".cache/"] },
  js.configs.recommended,
  {
    languageOptions: { globals: globals.browser },
    linterOptions: { reportUnusedDisableDirectives: "error" },
    rules: { eqeqeq: "error", "no-var": "error", "prefer-const": "error", "no-implicit-globals": "error", "no-shadow": "error" },
  },
  { files: ["tests/javascript/**", "*.config.js"], languageOptions: { globals: globals.node } },
];
