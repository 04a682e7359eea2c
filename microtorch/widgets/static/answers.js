// Asking, without a page: an answer read and judged as viz/passes/answering.py and question.py do, and how far one may see.

const CLOSE = 1e-3; // of a number: what four digits may be off
const LEAST = 1e-6; // of the largest element
const ROUNDED = 0.05; // of a number: two digits
const TOKENS = /\s*(nan|inf|(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?|[-+*/(),[\]])/gy;

/** An answer as typed: its shape and its elements in a row; null where it is no number, and no list of them. */
export function read(text) {
  const tokens = tokensOf(bracketed(text.trim().replaceAll("−", "-")));
  try {
    const tree = sum(tokens);
    return tokens.length ? null : flat(tree);
  } catch {
    return null;
  }
}

/** Numbers as they are written on paper, with brackets: "1 2; 3 4", "9/2 everywhere". */
function bracketed(text) {
  const bare = text.replace(/\s+(everywhere|each|in each(?![a-z]).*)$/, "");
  if (/[[(]/.test(bare)) return bare;
  const tight = bare.replace(/\s*([*/])\s*|\s*([+-])\s+/g, "$1$2");
  const rows = tight.split(";").map((row) => row.trim().split(/\s*,\s*|\s+/));
  if (rows.length > 1) return `[${rows.map((row) => `[${row}]`)}]`;
  return rows[0].length > 1 ? `[${rows[0]}]` : rows[0][0];
}

function tokensOf(text) {
  const found = [];
  let end = 0;
  for (const match of text.matchAll(TOKENS)) {
    found.push(match[1]);
    end = match.index + match[0].length;
  }
  return text.slice(end).trim() ? ["?"] : found;
}

function sum(tokens) {
  let value = product(tokens);
  while (tokens[0] === "+" || tokens[0] === "-") {
    const sign = tokens.shift() === "+" ? 1 : -1;
    value = number(value) + sign * number(product(tokens));
  }
  return value;
}

function product(tokens) {
  let value = atom(tokens);
  while (tokens[0] === "*" || tokens[0] === "/") {
    const isTimes = tokens.shift() === "*";
    const by = number(atom(tokens));
    if (!isTimes && by === 0) throw new Error("divided by zero");
    value = isTimes ? number(value) * by : number(value) / by;
  }
  return value;
}

function atom(tokens) {
  const token = tokens.shift();
  if (token === "-") return -number(atom(tokens));
  if (token === "+") return number(atom(tokens));
  if (token === "[" || token === "(") return list(tokens, token === "[" ? "]" : ")");
  return spelled(token);
}

/** What stands in brackets; a single thing in round ones is itself. */
function list(tokens, end) {
  const found = [];
  let commas = 0;
  while (tokens[0] !== end) {
    found.push(sum(tokens));
    if (tokens[0] === end) break;
    if (tokens.shift() !== ",") throw new Error("no comma");
    commas += 1;
  }
  tokens.shift();
  return end === ")" && found.length === 1 && !commas ? found[0] : found;
}

function number(value) {
  if (typeof value !== "number") throw new Error("a list");
  return value;
}

function spelled(word) {
  const value = { nan: NaN, inf: Infinity, "-inf": -Infinity }[word] ?? Number(word);
  if (Number.isNaN(value) && word !== "nan") throw new Error("no number");
  return value;
}

/** Nested lists as shape and elements. */
function flat(tree) {
  if (typeof tree === "number") return { shape: [], numbers: [tree] };
  const parts = tree.map(flat);
  const shape = parts[0]?.shape ?? [];
  if (parts.some((part) => String(part.shape) !== String(shape))) throw new Error("rows of unequal length");
  return { shape: [tree.length, ...shape], numbers: parts.flatMap((part) => part.numbers) };
}

const sizeOf = (shape) => shape.reduce((product_, each) => product_ * each, 1);
const sameShape = (a, b) => String(a) === String(b) && a.length === b.length;

/** Whether an answer is taken for this; one number stands for an array that is the same everywhere. */
function within(given, wanted, share, scale = 0) {
  const numbers = wanted.numbers?.map((each) => (typeof each === "string" ? spelled(each) : each));
  if (!numbers || (!sameShape(given.shape, wanted.shape) && (given.shape.length || numbers.length > 1))) return false;
  if (Number.isNaN(numbers[0]) && !given.shape.length && wanted.shape.length) return false;
  const least = LEAST * Math.max(scale, ...numbers.filter(Number.isFinite).map(Math.abs), 0);
  const near = (x, y) => Object.is(x + 0, y + 0) || (Number.isFinite(y) && Math.abs(x - y) <= least + share * Math.abs(y));
  return given.numbers.every((x, i) => near(x, numbers[numbers.length === 1 ? 0 : i]));
}

/** What is wrong with an answer, by its name: "" where that is not known; null where nothing is. */
function mistakeOf(question, given) {
  if (within(given, question, CLOSE, question.scale)) return null;
  const known = question.wrong.find((each) => within(given, each, CLOSE));
  if (known) return known.mistake;
  if (within(given, question, ROUNDED)) return "rounded too much";
  if (sameShape(given.shape, question.shape) || (!given.shape.length && question.numbers?.length === 1)) return "";
  if (question.unsummed && sameShape(given.shape, question.unsummed)) return "did not undo the broadcast";
  return given.shape.length ? "another shape" : "one number for all";
}

/** What Python says to an answer: {right, text, mistake, hint}; `right` is null where it cannot be read. */
export function judge(question, causes, typed) {
  const given = read(typed);
  if (!given) {
    const text = `${typed.trim() ? `"${typed.trim().slice(0, 60)}"` : "Nothing"} cannot be read as a number or as nested lists of numbers.`;
    return { right: null, text, mistake: "", hint: `The gradient has the shape ${spell(question.shape)}.` };
  }
  return said(question, causes, mistakeOf(question, given), given.shape);
}

/** The same for one of the choices. */
export function judgeChoice(question, causes, i) {
  const { mistake } = question.choices[i];
  return said(question, causes, mistake || null);
}

function said(question, causes, mistake, given = []) {
  if (mistake === null) return { right: true, text: `Right: ${question.solution}.`, mistake: "", hint: "" };
  const text = causes[mistake].replace("{given}", spell(given)).replace("{wanted}", spell(question.shape));
  return { right: false, text, mistake, hint: question.hint };
}

/** A shape as everywhere here: "2×2", "(3,)", "scalar". */
export function spell(shape) {
  if (shape.length < 2) return shape.length ? `(${shape[0]},)` : "scalar";
  return shape.join("×");
}

/** How many elements an answer may have to be typed. */
export function canBeTyped(question) {
  return question.numbers !== null && sizeOf(question.shape) > 0;
}

/** Count an answer as Python does: not after the right one, nor what could not be read. */
export function count(score, kept, verdict) {
  if (!kept.open || verdict.right === null) return score;
  const isFirst = !kept.tries;
  kept.tries = (kept.tries ?? 0) + 1;
  if (verdict.right) kept.open = false;
  const name = verdict.mistake || "another number";
  return {
    ...score,
    asked: score.asked + isFirst,
    tries: score.tries + 1,
    right: score.right + verdict.right,
    right_at_first_try: score.right_at_first_try + (verdict.right && isFirst),
    mistakes: verdict.right ? score.mistakes : { ...score.mistakes, [name]: (score.mistakes[name] ?? 0) + 1 },
  };
}

/** A question whose solution was told: it counts as asked. */
export function giveUp(score, kept) {
  kept.open = false;
  return kept.tries ? score : { ...score, asked: score.asked + 1 };
}

/** From where to where one may go: to the first question that waits for its answer, or of which nothing is known yet. */
export function limit(known, from, wanted) {
  for (let k = from; k < wanted; k++) if (!known.has(k) || known.get(k).some((each) => each.open)) return k;
  return wanted;
}
