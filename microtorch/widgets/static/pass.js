// What a recorded pass says at a position: facts from the data that viz/passes/page.py sends; no page.

import { beginsLine, madeState, stepAt, takeWays } from "./forward.js";

/** Who runs when, and what is sent when, by id. Of a very long pass only a part is known at first: `learn` adds more. */
export function indexPass(data) {
  const pass = {
    count: data.count ?? data.steps.length,
    leafCount: data.leaf_count ?? data.leaves?.length ?? 0,
    start: data.start,
    code: data.code ?? [],
    folds: new Map((data.folds ?? []).map((fold) => [fold.id, fold])),
    wires: new Map(Object.entries(data.wires ?? {}).map(([id, at]) => [Number(id), at])),
    nodes: new Map(),
    steps: new Map(),
    ranAt: new Map(),
    sent: new Map(),
    leaves: new Map(),
    differs: data.differs ?? {}, // nodes that differ from another pass's, and from which step on that is known
    seen: Infinity, // what comes after this step is asked for: it is not told
  };
  takeWays(pass, data);
  learn(pass, data);
  return pass;
}

/** Take in a piece of the pass: steps, and the nodes and leaves that they concern. */
export function learn(pass, piece) {
  for (const node of piece.nodes ?? []) {
    pass.nodes.set(node.id, node);
    if (node.turn) pass.ranAt.set(node.id, node.turn);
  }
  (piece.steps ?? []).forEach((step, i) => {
    const at = (piece.from ?? 1) + i;
    pass.steps.set(at, step);
    pass.ranAt.set(step.node, at);
    for (const each of step.sent) pass.sent.set(each.edge, { ...each, from: step.node, at });
  });
  for (const leaf of piece.leaves ?? []) if (!pass.leaves.has(leaf.node)) pass.leaves.set(leaf.node, leaf);
}

/** Whether all steps are known. */
export function isWhole(pass) {
  return pass.steps.size >= pass.count;
}

/** The state of one node after `k` steps, and how many of its contributions have arrived. */
export function stateOf(pass, id, k) {
  if (k < 0) return madeState(pass, id, k);
  const ran = pass.steps.get(k)?.node === id ? k : pass.ranAt.get(id); // in an engine without order it may run once more
  const parts = pass.nodes.get(id)?.parts ?? [];
  let got = 0;
  for (const part of parts) if (part.at <= k) got += 1;
  return { state: stateAt(pass, ran, k, got === parts.length), got, of: parts.length };
}

function stateAt(pass, ran, k, isReady) {
  if (ran === undefined) return "untracked";
  if (ran > k) return isReady ? "ready" : "waiting";
  if (pass.steps.get(ran)?.error) return "failed";
  return ran === k ? "current" : "done";
}

/** How many of some positions, told as ranges, have come after `k` steps. */
export function passed(ranges, k) {
  let count = 0;
  for (const [first, last] of ranges) {
    if (first > k) break;
    count += Math.min(last, k) - first + 1;
  }
  return count;
}

/** The state of a fold: how many of the nodes in it have run, and whether one of them has just done so. */
export function foldState(fold, k) {
  const done = passed(fold.at, k);
  const of = passed(fold.at, Infinity);
  const isCurrent = done > passed(fold.at, k - 1);
  return { state: !of ? "untracked" : isCurrent ? "current" : done === of ? "done" : "waiting", got: done, of };
}

/** Where something happens next after `k`: "accumulates", "nan", "error", "line", or a node's turn, by its title; else null. */
export function find(pass, what, k) {
  for (let at = k + 1; at <= pass.last; at++) {
    const step = stepAt(pass, at);
    if (step && (happens(pass, what, step) || (what === "line" && beginsLine(pass, at)))) return at;
  }
  return null;
}

function happens(pass, what, step) {
  if (pass.nodes.get(step.node)?.title === what) return true;
  if (what === "accumulates") return Boolean(step.grad) && step.received.some((each) => each.value !== "nothing");
  return what === "nan" ? step.bad : what === "error" && Boolean(step.error);
}

const TERMS = 6; // of a sum before its middle is left out

/** Sums as they grow: "0.4 + 0.1 + …" for each output that has received something. */
function growing(parts, k) {
  const outputs = [...new Set(parts.map((part) => part.output))].sort((a, b) => a - b);
  return outputs
    .map((output) => {
      const mine = parts.filter((part) => part.output === output);
      const terms = mine.filter((part) => part.at <= k).map((part) => part.text);
      const missing = terms.length < mine.length ? ["…"] : [];
      if (terms.length > TERMS) terms.splice(2, terms.length - 4, `(${terms.length - 4} more)`);
      return [...terms, ...missing].join(" + ");
    })
    .join("; ");
}

/** What a node has received so far, with its total once all is there. */
export function arrived(pass, id, k) {
  const { parts } = pass.nodes.get(id);
  const sum = growing(parts, k);
  const step = pass.steps.get(pass.ranAt.get(id));
  if (!step || pass.ranAt.get(id) > pass.seen || parts.some((part) => part.at > k)) return sum;
  const total = step.received.map((each) => each.short).join("; ");
  if (total === "nothing") return sum; // a later turn, at which nothing new has come
  return parts.length > 1 ? `${sum} = ${total}` : total;
}

/** The nodes that could run now, in the engine's order; those whose sum grows; and how many wait for a first gradient. */
export function queue(pass, k) {
  const ready = [];
  const waiting = [];
  let untouched = 0;
  for (const node of pass.nodes.values()) {
    const { state, got, of } = stateOf(pass, node.id, k);
    if (state === "ready") ready.push({ node, got, of });
    else if (state === "waiting" && got) waiting.push({ node, got, of });
    else if (state === "waiting") untouched += 1;
  }
  ready.sort((a, b) => pass.ranAt.get(a.node.id) - pass.ranAt.get(b.node.id));
  return { ready, waiting, untouched: isWhole(pass) ? untouched : 0 };
}

/** From where a node has received what it has, and where it sends, as far as that is known: for the neighbourhood. */
export function around(pass, k) {
  const made = pass.made.get(k);
  if (made) return { id: made.node, from: [], to: made.edges.map((each) => ({ ...each, short: each.tag })) };
  const id = (pass.steps.get(k) ?? pass.start).node;
  const froms = [...new Set((pass.nodes.get(id)?.parts ?? []).map((part) => pass.steps.get(part.at)?.node))];
  const sent = pass.steps.get(k)?.sent ?? [];
  return { id, from: froms.filter((each) => each !== undefined), to: sent };
}

/** The layout to show in a column: the first that fits and is not too tall; else a narrow one, beside the words where there is
 *  room for both. */
export function choose(layouts, width, tall) {
  const fits = layouts.filter((each) => each.width * each.least <= width);
  const flat = fits.find((each) => each.height <= tall);
  if (flat) return { layout: flat, beside: false };
  const narrow = layouts.reduce((best, each) => (each.width < best.width ? each : best));
  return { layout: narrow, beside: narrow.width * narrow.least <= 0.56 * width && width >= 640 };
}
