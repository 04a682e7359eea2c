// The picture: laid out in Python, once; a step only toggles attributes and fills text.

import { h, SIGN, svgElement } from "./dom.js";
import { gradAt } from "./forward.js";
import { arrived, foldState, passed, stateOf } from "./pass.js";

const SUM = { letter: 6.3, height: 18, gap: 3 }; // pixels: of the numbers above a node

/** All that a step changes in one layout. */
export function hooks(pass, { svg, width, height, least }) {
  const root = parse(svg);
  if (!root) return null;
  const all = (name) => new Map([...root.querySelectorAll(`.mt-${name}`)].map((g) => [Number(g.dataset[name]), g]));
  const [nodes, folds, edges] = ["node", "fold", "edge"].map(all);
  for (const [id, g] of nodes) g.classList.toggle("mt-earlier", Boolean(pass.nodes.get(id)?.earlier));
  const aliases = [...root.querySelectorAll(".mt-alias")]; // a leaf's pills where it is used again
  for (const g of [...nodes.values(), ...folds.values(), ...aliases]) {
    makeSign(g, g.dataset.fold ? -8 : 0.5); // a fold's count stands above the box: it is long
    g.removeAttribute("tabindex"); // the steps are walked by other keys
  }
  const boxes = [...root.querySelectorAll(".mt-box")].filter((box) => box.hasAttribute("width")).map(spot);
  const adding = [...nodes].filter(([id]) => pass.nodes.get(id)?.parts.length > 1);
  const sums = new Map(adding.map(([id, g]) => [id, sumAbove(g, boxes, width)]));
  const links = [...root.querySelectorAll(".mt-link")];
  const values = new Map([...edges.values(), ...links].map((g) => [g, g.querySelector(".mt-value")]));
  for (const text of values.values()) if (text) root.append(text); // on top: no other edge may cross a number
  return { root, width, height, least, nodes, aliases, folds, edges, links, values, sums, seen: new Map() };
}

function parse(svg) {
  const document_ = new DOMParser().parseFromString(svg ?? "", "image/svg+xml");
  const root = document_.documentElement;
  if (root.localName !== "svg") return null;
  for (const bad of root.querySelectorAll("script, foreignObject, iframe, a")) bad.remove();
  for (const part of [root, ...root.querySelectorAll("*")])
    for (const { name, value } of [...part.attributes])
      if (/^on/i.test(name) || (/href$/i.test(name) && !value.startsWith("#"))) part.removeAttribute(name);
  return document.importNode(root, true);
}

export function corner(group) {
  const box = group.querySelector(".mt-box");
  const number = (name) => Number(box?.getAttribute(name) ?? 0);
  return { x: number("x"), y: number("y"), width: number("width"), height: number("height") };
}

/** Room above a node's box for the sum that grows while the node waits: as much as its neighbours leave. */
function sumAbove(group, boxes, width) {
  const { x, y, width: own } = corner(group);
  const box = spot(group.querySelector(".mt-box"));
  const middle = box.x + own / 2;
  const beside = boxes.filter((each) => each.y < box.y && each.y + each.height > box.y - SUM.height && each.x !== box.x);
  const sides = beside.map((each) => Math.max(0, each.x - middle, middle - each.x - each.width));
  const letters = (2 * (Math.min(middle, width - middle, ...sides) - SUM.gap)) / SUM.letter;
  const text = svgElement("text", { class: "mt-sum", x: x + own / 2, y: y - 5, "data-room": Math.floor(letters) });
  group.append(text);
  return text;
}

/** Where a box stands in the picture, in whose parts it is told from the corner of its own. */
function spot(box) {
  const [, x, y] = /translate\(([-\d.]+),([-\d.]+)\)/.exec(box.closest("[transform]")?.getAttribute("transform")) ?? [0, 0, 0];
  const number = (name) => Number(box.getAttribute(name));
  return { x: Number(x) + number("x"), y: Number(y) + number("y"), width: number("width"), height: number("height") };
}

/** A node's sign stands where the picture has left room for it; right of it, how much has arrived. */
function makeSign(group, y) {
  const room = group.querySelector(".mt-glyph");
  if (!room) return;
  const sign = svgElement("g", {
    class: "mt-glyph",
    transform: `translate(${room.getAttribute("x")},${room.getAttribute("y")})`,
  });
  sign.append(svgElement("path", {}), svgElement("text", { "text-anchor": "end", x: -14, y, "font-size": 10 }));
  room.replaceWith(sign);
}

export function setSign(group, name, count) {
  const sign = group.querySelector(".mt-glyph");
  if (!sign) return;
  const [path, text] = sign.children;
  path.setAttribute("d", SIGN[name] ?? "");
  path.setAttribute("transform", "translate(-11,-10)");
  sign.dataset.sign = name;
  text.textContent = count;
}

/** A dot where play and run stop. */
export function setStop(group, isOn) {
  group.querySelector(".mt-stop")?.remove();
  if (!isOn) return;
  const { x, y } = corner(group);
  group.append(svgElement("circle", { class: "mt-stop", cx: x + 1, cy: y + 1, r: 5 }));
}

/** Show position `k`; `doing` is the node in the midst of step k + 1, and `sending` whether it has come to sending. */
export function paint(picture, pass, k, { doing, sending } = {}) {
  for (const [id, g] of picture.nodes) paintNode(picture, pass, g, id, k, doing);
  for (const g of picture.aliases) paintNode(picture, pass, g, Number(g.dataset.node), k, doing);
  for (const [id, g] of picture.folds) paintFold(picture, pass.folds.get(id), g, k);
  paintGrads(picture, pass, k);
  const { value } = pass.start;
  for (const link of picture.links) {
    const state = k ? "sent" : "flowing";
    change(picture, link, state, () => flow(picture, link, state, value, value));
  }
  const shown = sending ? k + 1 : k;
  for (const [id, g] of picture.edges) {
    const { state, sent } = edgeAt(pass, id, shown);
    change(picture, g, `${state} ${sent?.short ?? ""}`, () => {
      g.classList.toggle("mt-bad", Boolean(sent?.bad));
      flow(picture, g, state, sent?.short ?? "", sent?.value);
    });
  }
}

export function paintGrads(picture, pass, k) {
  for (const leaf of pass.leaves.values()) {
    const g = picture.nodes.get(leaf.node)?.querySelector(".mt-grad");
    const { at, cell } = gradAt(pass, leaf, k);
    if (g) change(picture, g, at, () => writeLines(g, cell));
  }
}

function paintNode(picture, pass, g, id, k, doing) {
  const told = stateOf(pass, id, k);
  const state = id === doing ? "current" : doing !== undefined && told.state === "current" ? "done" : told.state;
  const ran = pass.ranAt.get(id);
  const bad = ran <= k && pass.steps.get(ran)?.bad;
  const freed = ran <= k && pass.steps.get(ran)?.frees.length > 0;
  const count = state === "waiting" && told.of > 1 && g === picture.nodes.get(id) ? `${told.got}/${told.of}` : "";
  const differs = pass.differs[id] <= k;
  change(picture, g, `${state}${bad ? " bad" : ""}${freed ? " freed" : ""}${differs}${told.got}`, () => {
    g.classList.toggle("mt-freed", freed);
    g.classList.toggle("mt-differs", differs);
    g.dataset.state = bad && state === "done" ? "bad" : state;
    g.classList.toggle("mt-bad", Boolean(bad));
    setSign(g, bad && state !== "failed" ? "bad" : state, count);
    if (picture.sums.has(id)) writeSum(picture.sums.get(id), told.got ? arrived(pass, id, k) : "");
  });
}

/** In how many elements stands in the panel; so does a sum that would cover its neighbours. */
function writeSum(text, sum) {
  const short = sum.replace(/ in each of .*$/, "");
  text.textContent = short.length <= Number(text.dataset.room) ? short : "";
}

function paintFold(picture, fold, g, k) {
  if (!fold) return;
  const { state, got, of } = foldState(fold, k);
  change(picture, g, `${state}${got}`, () => {
    g.dataset.state = state;
    setSign(g, state, got && got < of ? `${got} of ${of} done` : "");
  });
}

/** What has happened on a line of the picture: of one that stands for many edges, as far as that is known. */
function edgeAt(pass, id, k) {
  const sent = pass.sent.get(id);
  const turns = pass.wires.get(id);
  if (turns) {
    const done = passed(turns, k);
    const state = !done ? "" : done > passed(turns, k - 1) ? "flowing" : "sent";
    return { state, sent: sent?.at <= k && passed(turns, Infinity) === 1 ? sent : null };
  }
  if (!sent) return { state: "never", sent: null };
  return { state: sent.at > k ? "" : sent.at === k ? "flowing" : "sent", sent: sent.at <= k ? sent : null };
}

export function flow(picture, edge, state, value, whole) {
  const text = picture.values.get(edge);
  edge.dataset.state = state;
  if (!text) return;
  text.dataset.state = state;
  text.textContent = value;
  if (!value || value === whole) return;
  const title = svgElement("title");
  title.textContent = whole;
  text.append(title);
}

export function change(picture, element, now, apply) {
  if (picture.seen.get(element) === now) return;
  picture.seen.set(element, now);
  apply();
}

/** A value in the small grad cell of a card, in up to three lines. */
function writeLines(element, { short, known }) {
  element.classList.toggle("mt-known", known);
  const words = short.length > 15 ? short.split(/(?<=, )/) : [short];
  const size = Math.ceil(words.length / 3);
  const rows = [0, 1, 2]
    .map((i) =>
      words
        .slice(i * size, (i + 1) * size)
        .join("")
        .trim(),
    )
    .filter(Boolean);
  element.replaceChildren(
    ...rows.map((part, i) => {
      const line = document.createElementNS(element.namespaceURI, "tspan");
      line.setAttribute("x", element.getAttribute("x"));
      line.setAttribute("dy", i ? 12 : 0);
      line.textContent = part;
      return line;
    }),
  );
}

/** Where a node is shown: by itself, or in a fold; undefined where neither. */
export function boxOf(picture, pass, id) {
  const turn = pass.ranAt.get(id);
  const holds = ([key]) => pass.folds.get(key)?.at.some(([first, last]) => first <= turn && turn <= last);
  return picture.nodes.get(id) ?? [...picture.folds].find(holds)?.[1];
}

/** Keep what has just happened in sight when the picture is wider or taller than its frame. */
export function follow(frame, node, behavior) {
  if (!node || (frame.scrollWidth <= frame.clientWidth && frame.scrollHeight <= frame.clientHeight)) return;
  const box = node.getBoundingClientRect();
  const view = frame.getBoundingClientRect();
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  frame.scrollBy({
    left: (box.left + box.right - view.left - view.right) / 2,
    top: (box.top + box.bottom - view.top - view.bottom) / 2,
    behavior: calm ? "instant" : behavior,
  });
}

/** A large array as a small picture: blue below zero, orange above, white at zero; each tile says its number. */
export function heatMap(rows, label) {
  const largest = Math.max(...rows.flat().map((x) => Math.abs(x ?? 0))) || 1;
  const map = svgElement("svg", {
    class: "mt-heat",
    viewBox: `0 0 ${rows[0].length} ${rows.length}`,
    preserveAspectRatio: "none",
    role: "img",
    "aria-label": label,
    "shape-rendering": "crispEdges",
    style: `width: ${Math.max(rows[0].length * 4, 24)}px; height: ${Math.min(Math.max(rows.length * 3, 10), 36)}px`,
  });
  rows.forEach((row, y) =>
    row.forEach((x, i) => {
      const title = svgElement("title");
      title.textContent = x === null ? "NaN or ∞" : x;
      map.append(svgElement("rect", { x: i, y, width: 1, height: 1, fill: shade(x, largest) }, title));
    }),
  );
  return h("span", { class: "mt-map" }, map);
}

function shade(x, largest) {
  if (x === null) return "#6b1450";
  const [r, g, b] = x < 0 ? [0, 114, 178] : [213, 94, 0];
  const mix = (c) => Math.round(255 + (c - 255) * Math.abs(x / largest));
  return `rgb(${mix(r)}, ${mix(g)}, ${mix(b)})`;
}
