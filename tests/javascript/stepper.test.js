// What the stepper says of a pass at a position, without a page.

import assert from "node:assert/strict";
import { test } from "node:test";
import { beginsLine, drawnAt, gradAt, placeAt, stepAt, waysOf } from "../../microtorch/widgets/static/forward.js";
import {
  choose,
  find,
  foldState,
  indexPass,
  isWhole,
  learn,
  passed,
  queue,
  stateOf,
} from "../../microtorch/widgets/static/pass.js";

const part = (at) => ({ at, output: 0, text: "1" });
const pass = indexPass({
  nodes: [
    { id: 0, parts: [part(1), part(2)] },
    { id: 1, parts: [part(1)] },
    { id: 2, parts: [part(0)] },
    { id: 3, parts: [] },
  ],
  steps: [
    {
      node: 2,
      sent: [
        { edge: 5, to: 0 },
        { edge: 6, to: 1 },
      ],
    },
    { node: 1, sent: [{ edge: 7, to: 0 }] },
    { node: 0, sent: [] },
  ],
});

for (const [node, states] of [
  [0, ["waiting 0/2", "waiting 1/2", "ready 2/2", "current 2/2"]],
  [1, ["waiting 0/1", "ready 1/1", "current 1/1", "done 1/1"]],
  [2, ["ready 1/1", "current 1/1", "done 1/1", "done 1/1"]],
  [3, Array(4).fill("untracked 0/0")],
])
  test(`node ${node} is ${states.join(", ")}`, () => {
    const told = states.map((_, k) => stateOf(pass, node, k)).map(({ state, got, of }) => `${state} ${got}/${of}`);
    assert.deepEqual(told, states);
  });

test("a node that an engine without order takes twice is the current one at both turns", () => {
  const twice = indexPass({ nodes: [{ id: 0, parts: [] }], steps: [0, 1, 0].map((node) => ({ node, sent: [] })) });
  assert.deepEqual(
    [1, 2, 3].map((k) => stateOf(twice, 0, k).state),
    ["current", "ready", "current"],
  );
});

test("what is sent is known by its edge: from where, and at which step", () => {
  assert.deepEqual(
    [...pass.sent].map(([edge, { from, to, at }]) => [edge, from, to, at]),
    [
      [5, 2, 0, 1],
      [6, 2, 1, 1],
      [7, 1, 0, 2],
    ],
  );
});

// ---- folds ----

for (const [k, count] of [
  [0, 0],
  [2, 1],
  [5, 3],
  [8, 4],
  [99, 4],
])
  test(`of turns at 2, 4, 5 and 7, ${count} have come after ${k} steps`, () => {
    const turns = [
      [2, 2],
      [4, 5],
      [7, 7],
    ];
    assert.equal(passed(turns, k), count);
  });

test("a fold waits until all in it have run, and is current whenever one of them has just done so", () => {
  const fold = {
    at: [
      [1, 1],
      [3, 3],
    ],
  };
  const told = [0, 1, 2, 3, 4].map((k) => Object.values(foldState(fold, k)).join(" "));
  assert.deepEqual(told, ["waiting 0 2", "current 1 2", "waiting 1 2", "current 2 2", "done 2 2"]);
  assert.equal(foldState({ at: [] }, 3).state, "untracked");
});

// ---- long passes, and where something happens ----

const step = (node, more) => ({ node, sent: [], received: [{ value: "1" }], grad: null, bad: false, error: "", ...more });
const nodes = ["x", "AddBackward0", "nan", "SumBackward0"].map((title, id) => ({
  id,
  title,
  turn: 4 - id,
  parts: [part(3 - id)],
}));
const long = () => indexPass({ count: 4, leaf_count: 2, nodes, steps: [step(3), step(2, { bad: true })], leaves: [] });

test("a pass of which a part is known learns the rest, and knows of all turns before", () => {
  const known = long();
  assert.deepEqual([isWhole(known), known.ranAt.get(0), known.leafCount], [false, 4, 2]);
  assert.equal(stateOf(known, 0, 4).state, "current");
  learn(known, { from: 3, nodes: [], steps: [step(1), step(0, { grad: {} })], leaves: [{ node: 0, step: 4 }] });
  assert.deepEqual([isWhole(known), known.leaves.size, known.steps.get(4).node], [true, 1, 0]);
});

for (const [what, after, position] of [
  ["accumulates", 0, 4],
  ["accumulates", 4, null],
  ["nan", 0, 2],
  ["nan", 2, null],
  ["error", 0, null],
  ["AddBackward0", 0, 3],
])
  test(`after ${after}, ${what} comes at ${position}`, () => {
    const whole = long();
    learn(whole, { from: 3, steps: [step(1), step(0, { grad: {} })] });
    assert.equal(find(whole, what, after), position);
  });

test("a leaf that receives nothing does not count as one whose .grad grows", () => {
  const none = indexPass({ nodes: [], steps: [step(0, { grad: {}, received: [{ value: "nothing" }] })] });
  assert.equal(find(none, "accumulates", 0), null);
});

test("where a step has failed, its node stays failed", () => {
  const failed = indexPass({ nodes: [{ id: 0, parts: [] }], steps: [step(0, { error: "ValueError" })] });
  assert.deepEqual(
    [0, 1].map((k) => stateOf(failed, 0, k).state),
    ["ready", "failed"],
  );
});

test("the queue has what is ready in the order of its turns, what has received something, and how many have not", () => {
  const titles = ({ ready, waiting, untouched }) => [
    ready.map(({ node }) => node.id),
    waiting.map(({ node }) => node.id),
    untouched,
  ];
  assert.deepEqual(titles(queue(pass, 0)), [[2], [], 2]);
  assert.deepEqual(titles(queue(pass, 1)), [[1], [0], 0]);
});

// ---- the way forth, and the update ----

const made = (node, line, edges = [], more = {}) => ({ node, line, edges, title: `node ${node}`, ...more });
const whole = indexPass({
  first: -4,
  last: 5,
  count: 3,
  nodes: [
    { id: 0, title: "x", turn: 3, parts: [part(2)] },
    { id: 1, title: "AddBackward0", turn: 2, parts: [part(1)] },
    { id: 2, title: "SumBackward0", turn: 1, parts: [part(0)] },
  ],
  steps: [step(2), step(1), step(0, { grad: {} })],
  leaves: [{ node: 0, step: 3, before: "none", after: "grown" }],
  made: [made(-1, -1), made(0, 0), made(1, 0, [{ edge: 7 }]), made(2, 1, [{ edge: 8 }], { bad: true })],
  updates: [
    { kind: "update", rows: [{ node: 0, new: "data" }] },
    { kind: "zero", rows: [{ node: 0, new: "cleared" }] },
  ],
});

for (const [node, states] of [
  [0, ["unmade", "current", "made", "made", "waiting", "waiting"]],
  [1, ["unmade", "unmade", "current", "made", "waiting", "ready"]],
  [2, ["unmade", "unmade", "unmade", "current", "ready", "current"]],
])
  test(`from -4 to 1, node ${node} is ${states.join(", ")}`, () => {
    assert.deepEqual(
      states.map((_, i) => stateOf(whole, node, i - 4).state),
      states,
    );
  });

for (const [k, place] of [
  [-4, "forward 0 / 3"],
  [-1, "forward 3 / 3"],
  [0, "back 0 / 3"],
  [3, "back 3 / 3"],
  [5, "update 2 / 2"],
])
  test(`position ${k} is ${place}`, () => assert.equal(placeAt(whole, k), place));

test("without a way forth, a position is a count of steps, and the walk has no parts", () => {
  assert.equal(placeAt(pass, 2), "2 / 3");
  assert.deepEqual([pass.first, pass.last, waysOf(pass)], [0, 3, []]);
});

test("the parts of a walk are as long as what can be walked in them", () => {
  assert.deepEqual(waysOf(whole), [
    ["forward", 4],
    ["back", 3],
    ["update", 2],
  ]);
});

test("what happens is known at every position but at the turn", () => {
  const ways = [-4, -1, 0, 1, 4].map((k) => stepAt(whole, k)?.way ?? stepAt(whole, k)?.node);
  assert.deepEqual(ways, ["made", "made", undefined, 2, "update"]);
});

for (const [what, after, position] of [
  ["line", -4, -3],
  ["line", -3, -1],
  ["line", -1, null],
  ["nan", -4, -1],
  ["accumulates", -4, 3],
  ["AddBackward0", -4, -2],
  ["AddBackward0", -2, 2],
])
  test(`after ${after}, with the way forth, ${what} comes at ${position}`, () => {
    assert.equal(find(whole, what, after), position);
  });

test("a line begins with the first node of it, a leaf too", () => {
  assert.deepEqual(
    [-4, -3, -2, -1, 1].filter((k) => beginsLine(whole, k)),
    [-3, -1],
  );
});

test("an edge is there with the node that reads it; a line of folds, when it is said to be", () => {
  assert.deepEqual([drawnAt(whole, 7), drawnAt(whole, 8), drawnAt(whole, 99)], [-2, -1, -1]);
  const folded = indexPass({ first: -4, steps: [], drawn: { folds: {}, wires: { 7: -3 } } });
  assert.equal(drawnAt(folded, 7), -3);
});

test("a .grad stays what the pass has made of it until an update clears it", () => {
  const leaf = whole.leaves.get(0);
  assert.deepEqual(
    [-4, 2, 3, 4, 5].map((k) => gradAt(whole, leaf, k).cell),
    ["none", "none", "grown", "grown", "cleared"],
  );
});

// ---- which layout ----

const wide = { width: 820, height: 208, least: 1 };
const pills = { width: 594, height: 72, least: 0.95 };
const tall = { width: 300, height: 386, least: 0.95 };

for (const [width, layout, beside] of [
  [824, wide, false],
  [816, pills, false],
  [565, pills, false],
  [564, tall, false],
  [326, tall, false],
])
  test(`in a room of ${width} pixels stands the picture of ${layout.width}`, () => {
    assert.deepEqual(choose([wide, pills, tall], width, 300), { layout, beside });
  });

test("a picture that is only tall stands beside the words, where both have room", () => {
  assert.deepEqual(
    [700, 600].map((width) => choose([tall], width, 300).beside),
    [true, false],
  );
});
