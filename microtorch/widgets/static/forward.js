// The way forth, before the first step of a pass, and the update after its last: what is there at a position; no page.
//
// Positions below 0 belong to the way forth: at the first one nothing is made yet, at -1 the whole graph is. Those above the number
// of steps belong to the update.

/** Take in what viz/passes/forth.py sends. */
export function takeWays(pass, data) {
  pass.first = data.first ?? 0;
  pass.last = data.last ?? pass.count;
  pass.hint = data.hint ?? "";
  pass.made = new Map((data.made ?? []).map((each, i) => [pass.first + i, { ...each, way: "made" }]));
  pass.madeAt = new Map([...pass.made].map(([k, { node }]) => [node, k]));
  pass.updates = new Map((data.updates ?? []).map((each, i) => [pass.count + 1 + i, { ...each, way: "update" }]));
  pass.flows = new Map([...pass.made].flatMap(([k, { edges }]) => edges.map((each) => [each.edge, { ...each, at: k }])));
  pass.drawn = new Map(Object.entries(data.drawn?.wires ?? {}).map(([id, k]) => [Number(id), k]));
  for (const [id, fold] of pass.folds) fold.made = data.drawn?.folds[id] ?? [];
  for (const [i, k] of (data.begun ?? []).entries()) pass.code[i].begun = k;
}

/** What happens at a position, wherever it is; undefined where that is not known yet, and at 0. */
export function stepAt(pass, k) {
  return pass.steps.get(k) ?? pass.made.get(k) ?? pass.updates.get(k);
}

/** Where a node enters the graph: of a very large graph, the last ones all at once. */
export function madeAt(pass, id) {
  return pass.madeAt.get(id) ?? -1;
}

/** The state of one node on the way forth. */
export function madeState(pass, id, k) {
  const at = madeAt(pass, id);
  return { state: at > k ? "unmade" : at === k ? "current" : "made", got: 0, of: 0 };
}

/** Where an edge of the picture is there: with the node that reads what comes along it; of a line for many edges, the first. */
export function drawnAt(pass, edge) {
  return pass.drawn.get(edge) ?? pass.flows.get(edge)?.at ?? -1;
}

/** Where something is: the count beside the slider. */
export function placeAt(pass, k) {
  if (k < 0) return `forward ${k - pass.first} / ${-pass.first - 1}`;
  if (k > pass.count) return `update ${k - pass.count} / ${pass.updates.size}`;
  return `${pass.first < 0 ? "back " : ""}${k} / ${pass.count}`;
}

/** The `.grad` of a leaf at a position, and since when it is that: an update may have changed it after the pass. */
export function gradAt(pass, leaf, k) {
  let found = leaf.step <= k ? { at: leaf.step, cell: leaf.after } : { at: -Infinity, cell: leaf.before };
  for (const { step, after } of leaf.later ?? []) if (step <= k) found = { at: step, cell: after };
  for (const [at, { kind, rows }] of pass.updates) {
    const row = at <= k && kind !== "update" && rows.find(({ node }) => node === leaf.node);
    if (row) found = { at, cell: row.new };
  }
  return found;
}

/** Whether a line of code begins at a position. */
export function beginsLine(pass, k) {
  const line = pass.made.get(k)?.line ?? -1;
  return line >= 0 && line !== pass.made.get(k - 1)?.line;
}

/** The parts of the walk, with how long each is. */
export function waysOf(pass) {
  const found = [
    ["forward", -pass.first],
    ["back", pass.count],
    ["update", pass.updates.size],
  ].filter(([, length]) => length);
  return found.length > 1 ? found : [];
}
