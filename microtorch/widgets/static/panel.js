// The words and numbers of a position: what has just happened, the queue, the gradients, the code, the neighbourhood.

import { breakable, h, heading, mark, reveal, signOf } from "./dom.js";
import { gradAt } from "./forward.js";
import { around, arrived, queue, stateOf } from "./pass.js";
import { heatMap } from "./picture.js";

const SHOWN = 6; // lines of a list before it says "and N more"
const NEAR = 4; // neighbours on each side

// ---- what has just happened ----

export function startLines(pass) {
  return [heading("Before the first step"), ...pass.start.lines.map((line) => h("p", {}, line))];
}

export function stepLines(pass, step, phase) {
  const node = pass.nodes.get(step.node);
  const verb = phase ? "is at work" : step.error ? "failed" : step.grad ? "has accumulated" : "has run";
  const lines = [heading(h("b", {}, node.title), ` ${verb}`)];
  if (phase) return [...lines, phases(step, phase)];
  if (node.earlier) lines.push(h("p", {}, EARLIER));
  if (node.source && !pass.code.length) lines.push(h("pre", {}, node.source));
  for (const got of step.received) lines.push(row("received", equation(got, got.of, got.sum)));
  for (const [sent, times] of alike(step.sent)) {
    const often = times > 1 ? ", " + (times === 2 ? "twice" : `${times} times`) : "";
    lines.push(row(`sent to ${pass.nodes.get(sent.to)?.title ?? "?"}${often}`, equation(sent, ...rule(sent))));
  }
  if (step.grad) lines.push(row("accumulated", equation(step.grad, step.grad.of, step.grad.sum), ...remark(step.grad.remark)));
  if (step.error) lines.push(row("error", h("b", {}, step.error)));
  if (step.frees.length) lines.push(row("would be freed", h("span", { title: FREED }, step.frees.join(", "))));
  return lines;
}

/** What is sent in the same words to the same node, once; with how often. */
function alike(sents) {
  const found = new Map();
  for (const sent of sents) {
    const key = JSON.stringify([sent.to, sent.value, ...rule(sent)]);
    found.set(key, [sent, (found.get(key)?.[1] ?? 0) + 1]);
  }
  return found.values();
}

const EARLIER = "It was made by an earlier backward pass, with create_graph=True.";
const FREED = "kept by the forward pass for this node's rule; backward() lets go of it here, the stepper keeps it";

/** The phases of a step, those that are still to come without words. */
function phases(step, now) {
  return h(
    "ol",
    { class: "mt-phases" },
    ...step.phases.map(({ name, text }, i) => {
      const item = h("li", {}, h("b", {}, `${name} `), i < now ? text : "…");
      mark(item, i === now - 1);
      return item;
    }),
  );
}

export function row(label, ...content) {
  return h("div", { class: "mt-row" }, h("span", { class: "mt-label" }, label), h("span", { class: "mt-value" }, ...content));
}

/** The chain rule of one edge: in symbols, with numbers, and how a broadcast was undone. */
function rule({ formula, numbers, summed }) {
  const terms = [formula, numbers].filter(Boolean);
  return summed ? [...terms.slice(0, -1), [terms.at(-1), summed].filter(Boolean).join(", ")] : terms;
}

function remark(text) {
  return text ? [h("em", {}, text)] : [];
}

/** "of = term = term = value": the last one, the number that counts, is bold; of a large array the mouse tells more. */
function equation({ value, more }, ...terms) {
  const before = terms.filter(Boolean).map((term) => `${term} = `);
  return h("code", more ? { title: more } : {}, before.join(""), h("b", {}, value));
}

// ---- the queue ----

export function queueLines(pass, k) {
  const { ready, waiting, untouched } = queue(pass, k);
  const line = (state, { node, got, of }) =>
    h(
      "li",
      { "data-state": state },
      h("span", { class: "mt-mark" }, signOf(state)),
      h("b", {}, node.title),
      ` received ${of > 1 ? `${got} of ${of}: ` : ""}`,
      h("code", {}, arrived(pass, node.id, k)),
    );
  const some = (state, items) => [
    ...items.slice(0, SHOWN).map((item) => line(state, item)),
    ...(items.length > SHOWN ? [h("li", {}, `and ${items.length - SHOWN} more`)] : []),
  ];
  const over = k >= pass.count ? "Nothing is ready: the pass is over" : "Nothing is ready";
  const lines = [heading(ready.length ? "Ready: the first one is next" : over)];
  if (ready.length) lines.push(h("ol", {}, ...some("ready", ready)));
  if (waiting.length) lines.push(heading("Waiting, its sum growing"), h("ul", {}, ...some("waiting", waiting)));
  if (untouched) lines.push(h("p", {}, `${untouched} ${untouched === 1 ? "node waits" : "nodes wait"} for a first gradient.`));
  return lines;
}

// ---- the gradients of all leaves ----

/** A table that is made once; a step changes the rows whose leaf has gained or lost its gradient. */
export function gradTable(section, pass, isLive) {
  const title = h("span");
  const body = h("table");
  const box = h("div", { class: "mt-scroll", tabindex: 0, role: "group", "aria-label": "The gradients of all leaves" }, body);
  const rest = h("p", { class: "mt-rest" });
  section.replaceChildren(heading(title), box, rest);
  const rows = new Map();
  const table = { setLive, show };
  setLive(isLive);
  return table;

  function setLive(on) {
    title.textContent = on ? "In your session now" : "The leaves' gradients here";
  }

  function rowOf(leaf) {
    const cell = h("td");
    const tr = h("tr", {}, h("th", { scope: "row" }, ...breakable(`${leaf.name}.grad`)), cell);
    body.append(tr);
    rows.set(leaf.node, { tr, cell, known: null });
    return rows.get(leaf.node);
  }

  function show(k) {
    let latest = { step: 0, tr: body.firstChild };
    for (const leaf of pass.leaves.values()) {
      const each = rows.get(leaf.node) ?? rowOf(leaf);
      const { at, cell } = gradAt(pass, leaf, k);
      if (each.known !== at) each.cell.replaceChildren(...valueOf(cell));
      each.known = at;
      each.tr.dataset.state = at === k ? "current" : "";
      if (at > latest.step) latest = { step: at, tr: each.tr };
    }
    rest.textContent = pass.leafCount > rows.size ? `and ${pass.leafCount - rows.size} more, shown as they are reached` : "";
    reveal(box, latest.tr ?? body.firstChild);
  }
}

export function valueOf({ text, short, heat, shape, statistics }) {
  if (!heat) return [text];
  const all = h("p", {}, ...(text.startsWith("[") ? [h("code", {}, text), h("br")] : []), statistics.join(", "));
  const words = [
    heatMap(heat, `Heat map, ${statistics.join(", ")}`),
    ` ${shape.replace(/^\((\d+),\)$/, "$1 numbers")}, ${short.startsWith("[") ? statistics.at(-2) : short}`,
  ];
  return [h("details", {}, h("summary", {}, ...words), all)];
}

// ---- the code, and the neighbourhood of the node that has just run ----

export function codeLines(section, pass) {
  section.hidden = !pass.code.length;
  let where = "";
  for (const [i, line] of pass.code.entries()) {
    if (line.where !== where) section.append(h("p", { class: "mt-where" }, line.where));
    where = line.where;
    const words = [h("span", { class: "mt-number" }, line.number), h("code", {}, line.text || "?")];
    section.append(h("button", { type: "button", "data-line": i, title: "Go to where this line's nodes run first" }, ...words));
  }
}

/** Mark the line with this number, or else that of a node. */
export function markLines(section, pass, id, line) {
  for (const button of section.querySelectorAll("button")) {
    const isCurrent =
      line === undefined ? pass.code[button.dataset.line].nodes.includes(id) : Number(button.dataset.line) === line;
    mark(button, isCurrent, "true");
    if (isCurrent) reveal(section, button);
  }
}

export function neighbours(section, pass, k) {
  const { id, from, to } = around(pass, k);
  if (id < 0) return section.replaceChildren();
  const chip = (each, words = "") => {
    const { state } = stateOf(pass, each, k);
    const title = breakable(pass.nodes.get(each)?.title ?? "?");
    return h(
      "button",
      { type: "button", class: "mt-chip", "data-state": state, "data-node": each },
      signOf(state),
      " ",
      ...title,
      words,
    );
  };
  const some = (chips) => [
    ...chips.slice(0, NEAR),
    ...(chips.length > NEAR ? [h("span", {}, `${chips.length - NEAR} more`)] : []),
  ];
  const side = (chips) => h("span", { class: "mt-side" }, ...some(chips));
  const arrow = () => h("span", { class: "mt-arrow", "aria-hidden": "true" }, k < 0 ? "→" : "⇠");
  const left = to.map((sent) => chip(sent.to, `: ${sent.short}`));
  const hadFocus = section.contains(document.activeElement);
  section.replaceChildren(
    ...(left.length ? [side(left), arrow()] : []),
    side([chip(id)]),
    ...(from.length ? [arrow(), side(from.map((each) => chip(each)))] : []),
  );
  if (hadFocus) section.querySelector(`[data-node="${id}"]`).focus();
}
