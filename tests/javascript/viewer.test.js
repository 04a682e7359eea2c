// What the viewer computes, without a page.

import assert from "node:assert/strict";
import { test } from "node:test";
import { choose, fitting, nearest, opening, trail } from "../../microtorch/viz/page/static/viewer.js";

const wide = { width: 800, height: 200, least: 0.9 };
const middle = { width: 600, height: 500, least: 1 };
const narrow = { width: 340, height: 900, least: 0.9 };
const layouts = [wide, middle, narrow];

for (const [room, wanted] of [
  [1200, wide],
  [720, wide],
  [719, middle],
  [600, middle],
  [599, narrow],
  [100, narrow],
])
  test(`a column of ${room} px shows the layout of ${wanted.width} px`, () => assert.equal(choose(layouts, room), wanted));

test("where nothing fits, the narrowest is shown, wherever it stands", () => assert.equal(choose([narrow, wide], 10), narrow));

for (const [room, scale] of [
  [2000, 1],
  [760, 0.95],
  [100, 0.9],
])
  test(`in ${room} px a picture of 800 px opens at ${scale}: never enlarged, never too small to be read`, () =>
    assert.equal(opening(wide, room), scale));

test("a picture fits by its width, by its height, and is not enlarged beyond the limit", () => {
  assert.equal(fitting(wide, [400, 400], 1), 0.5);
  assert.equal(fitting(wide, [800, 50], 1), 0.25);
  assert.equal(fitting(wide, [8000, 8000], 2.5), 2.5);
});

test("the trail leads from the whole graph to a fold in a fold; a fold whose parent is missing stands alone", () => {
  const [whole, net, relu] = [{ key: "" }, { key: "f3", parent: "" }, { key: "f4", parent: "f3" }];
  assert.deepEqual(trail([whole, net, relu], relu), [whole, net, relu]);
  assert.deepEqual(trail([whole], whole), [whole]);
  assert.deepEqual(trail([relu], relu), [relu]);
});

test("an arrow key leads to what lies ahead, straight ahead first, and nowhere at the border", () => {
  const points = [
    [100, 0],
    [40, 60],
    [-50, 0],
    [0, 80],
  ];
  const to = (key, from = [0, 0]) => nearest(points, from, key);
  assert.deepEqual(
    ["ArrowRight", "ArrowLeft", "ArrowDown", "ArrowUp"].map((key) => to(key)),
    [0, 2, 3, -1],
  );
  assert.equal(to("ArrowRight", [100, 0]), -1);
});
