// What the stepper says of a pass at a position, without a page.

import assert from "node:assert/strict";
import { test } from "node:test";
import { indexPass, stateOf } from "../../microtorch/widgets/static/pass.js";

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
