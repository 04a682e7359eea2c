// The graph as it is made, and what the panel says of the way forth and of the update.

import { h, heading, svgElement } from "./dom.js";
import { drawnAt, madeAt, madeState } from "./forward.js";
import { passed } from "./pass.js";
import { row, valueOf } from "./panel.js";
import { change, corner, flow, paintGrads, setSign } from "./picture.js";

const YOUNGEST = 6; // nodes in the list of what has been made
const TOLD = "This is told, not done again: going back puts back each .grad, not the data.";

// ---- the picture ----

/** Show what is there at `k`: the rest is hidden, and holds its place. */
export function grow(picture, pass, k) {
  if (!pass.made.size) return;
  picture.parts ??= placed(picture, pass);
  for (const [part, at] of picture.parts) part.classList.toggle("mt-unmade", at > k);
  if (picture.gives) picture.gives.textContent = "";
  if (k >= 0) return;
  for (const [id, g] of picture.nodes) growNode(picture, pass, g, id, k);
  for (const [id, g] of picture.folds) growFold(picture, pass.folds.get(id), g, k);
  for (const [id, g] of picture.edges) {
    const [at, { tag, value, bad } = {}] = [drawnAt(pass, id), isOne(pass, id) ? pass.flows.get(id) : {}];
    const state = at > k ? "unmade" : at === k ? "making" : "made";
    change(picture, g, `forward ${state}`, () => {
      g.classList.toggle("mt-bad", Boolean(bad) && at <= k);
      flow(picture, g, state, at > k ? "" : (tag ?? ""), value);
    });
  }
  for (const link of picture.links) change(picture, link, "forward", () => flow(picture, link, "made", "", ""));
  paintGrads(picture, pass, k);
  giveAt(picture, pass.made.get(k));
}

/** What has just been made, beside its node, where no arrow leads to it. */
function giveAt(picture, { node, gives: [given] = [] }) {
  picture.gives ??= picture.root.appendChild(svgElement("text", { class: "mt-sum" }));
  const g = picture.nodes.get(node);
  picture.gives.textContent = g && given?.known ? `= ${given.tag}` : "";
  if (!g) return;
  const { x, y, width, height } = corner(g);
  const isTall = picture.height > picture.width; // the arrows come from above
  const [left, top, anchor] = isTall ? [x + width + 7, y + height / 2 + 3.5, "start"] : [x + width / 2, y - 5, "middle"];
  const place = { x: left, y: top, transform: g.getAttribute("transform"), style: `text-anchor: ${anchor}` };
  for (const [name, value] of Object.entries(place)) picture.gives.setAttribute(name, value);
}

/** Whether a line of the picture stands for one edge. */
function isOne(pass, id) {
  const turns = pass.wires.get(id);
  return !turns || passed(turns, Infinity) === 1;
}

/** Every part of a picture, with the position at which it is there. */
function placed(picture, pass) {
  const all = (selector) => [...picture.root.querySelectorAll(selector)];
  const root = madeAt(pass, pass.start.node);
  const inputs = new Map(all(".mt-input").map((g) => [g.dataset.feed, madeAt(pass, Number(g.dataset.use))]));
  return [
    ...[...picture.nodes].map(([id, g]) => [g, madeAt(pass, id)]),
    ...[...picture.folds].map(([id, g]) => [g, pass.folds.get(id)?.made[0]?.[0] ?? -1]),
    ...[...picture.edges].map(([id, g]) => [g, drawnAt(pass, id)]),
    ...all(".mt-root, .mt-link").map((g) => [g, root]),
    ...all(".mt-alias").map((g) => [g, drawnAt(pass, Number(g.dataset.use))]),
    ...all(".mt-input, .mt-feed").map((g) => [g, inputs.get(g.dataset.feed) ?? -1]),
  ];
}

function growNode(picture, pass, g, id, k) {
  const { state } = madeState(pass, id, k);
  const bad = Boolean(pass.made.get(madeAt(pass, id))?.bad);
  change(picture, g, `forward ${state}`, () => {
    g.dataset.state = state;
    g.classList.toggle("mt-bad", bad);
    setSign(g, bad ? "bad" : state, "");
    if (picture.sums.has(id)) picture.sums.get(id).textContent = "";
  });
}

function growFold(picture, fold, g, k) {
  if (!fold) return;
  const [count, of, before] = [k, Infinity, k - 1].map((each) => passed(fold.made, each));
  const state = count > before ? "current" : "made";
  change(picture, g, `forward ${state}${count}`, () => {
    g.dataset.state = state;
    setSign(g, state, count < of ? `${count} of ${of} made` : "");
  });
}

// ---- the panel ----

/** What has just been made, or what an update has made of the leaves. */
export function wayLines(pass, step) {
  if (step.way === "update") return updateLines(step);
  if (step.node < 0) return [heading("Before the first line"), ...beginning(pass).map((line) => h("p", {}, line))];
  const leaf = !step.reads.length;
  return [
    heading(h("b", {}, step.title), leaf ? " enters the graph" : " is made"),
    ...counted(step.reads.map(({ of, value }) => (value ? `${of} = ${value}` : of))).map((text) =>
      row("from", h("code", {}, text)),
    ),
    ...step.gives
      .filter(({ text }) => text)
      .map((each) =>
        row(leaf ? "holds" : "gives", ...(each.heat ? valueOf(each) : [h("code", {}, `${each.of} = `, h("b", {}, each.text))])),
      ),
    ...(step.keeps.length ? [row("keeps", `${step.keeps.join(", ")}, for its rule`)] : []),
    ...(step.back.length ? [row("leads back to", step.back.join(", "))] : []),
  ];
}

/** Each text once, with how often it comes. */
function counted(texts) {
  return [...new Set(texts)].map((text) => {
    const times = texts.filter((each) => each === text).length;
    return times > 1 ? `${text}, ${times === 2 ? "twice" : `${times} times`}` : text;
  });
}

function beginning(pass) {
  const count = (-pass.first - 1).toLocaleString("en");
  return [`${count} nodes will be made, as the code runs. Then backward() goes through them the other way round.`, pass.hint];
}

function updateLines({ title, rows, more }) {
  const head = h("tr", {}, ...["it was", ...(rows[0].grad ? ["gradient"] : []), "it is"].map((text) => h("th", {}, text)));
  const dot = title === "update" ? "" : ".grad";
  const lines = rows.map(({ name, old, by, grad, new: now }) =>
    h(
      "tr",
      {},
      h("th", { scope: "row" }, `${name}${dot}`),
      h("td", {}, ...valueOf(old)),
      ...(grad ? [h("td", {}, by, ...valueOf(grad))] : []),
      h("td", {}, h("b", {}, ...valueOf(now))),
    ),
  );
  return [
    heading(h("b", {}, dot ? "The gradients" : "The update")),
    h("table", { class: "mt-update", style: `--mt-columns: ${rows[0].grad ? 3 : 2}` }, head, ...lines),
    ...(more ? [h("p", {}, `and ${more} more`)] : []),
    h("p", {}, h("em", {}, TOLD)),
  ];
}

/** On the way forth, what is there by now, the youngest first. */
export function madeList(pass, k) {
  const there = [...pass.made].filter(([at, { node }]) => at <= k && node >= 0).reverse();
  if (!there.length) return [heading("Nothing is there yet")];
  const item = ([, { title, gives }]) => {
    const known = gives.map(({ tag }) => tag).filter(Boolean);
    return h("li", {}, h("b", {}, title), ...(known.length ? [" ", h("code", {}, known.join("; "))] : []));
  };
  const rest = there.length > YOUNGEST ? [h("li", {}, `and ${there.length - YOUNGEST} more`)] : [];
  return [
    heading("There by now, the youngest first"),
    h("ol", { class: "mt-there" }, ...there.slice(0, YOUNGEST).map(item), ...rest),
  ];
}
