// Nudge: a finite difference beside the gradient, for an element and an h of the reader's choice. Python computes it.

import { h, heading, svgElement } from "./dom.js";

const FINEST = 10; // the smallest h is 1e-10
const BOX = { width: 220, height: 64 };

/** `rows` of `given` are the elements that can be nudged, `nodes` says of which leaf; `ask` sends for another h, or a curve. */
export function nudgeIn(section, given, ask) {
  let { rows, h: step, note } = given;
  let chosen = 0;
  const curves = new Map(); // by row

  const which = h("select", { "aria-label": "What is nudged" });
  rows.forEach(({ title }, i) => which.append(h("option", { value: i }, title)));
  const knob = h("input", { type: "range", min: 0, max: FINEST, step: 0.5, value: -Math.log10(step), "aria-label": "h" });
  const size = h("output", { class: "mt-size" });
  const facts = h("div", { class: "mt-facts", role: "status" });
  const plot = h("div", { class: "mt-curve" });
  const chooser = h("label", { class: "mt-h" }, "h ", knob, size);
  section.replaceChildren(heading("Nudge ", which, " by h, and look how much the result changes"), chooser, facts, plot);

  const line = (label, ...words) =>
    h("div", { class: "mt-row" }, h("span", { class: "mt-label" }, label), h("span", {}, ...words));
  const told = (number) => (number === null ? "none" : Number(number.toPrecision(4)).toString());

  function show() {
    const row = rows[chosen];
    which.value = chosen;
    size.textContent = step.toExponential(1);
    knob.setAttribute("aria-valuetext", size.textContent);
    facts.replaceChildren(
      line("slope", h("code", {}, `${row.quotient} = `, h("b", {}, told(row.slope)))),
      line("gradient", h("code", {}, h("b", {}, told(row.gradient)))),
      line("relative error", h("code", {}, row.relative === null ? "–" : row.relative.toExponential(1)), ` ${row.verdict}`),
      ...[row.remark, note].filter(Boolean).map((words) => h("p", {}, words)),
    );
    if (curves.has(chosen)) plot.replaceChildren(...curve(curves.get(chosen), step));
    else ask({ curve: chosen });
  }

  which.addEventListener("change", () => ((chosen = Number(which.value)), show()));
  knob.addEventListener("input", () => (size.textContent = (10 ** -knob.value).toExponential(1)));
  knob.addEventListener("change", () => ask({ nudge: 10 ** -knob.value }));

  return {
    show,
    /** Nudge an element of a leaf; whether it has one. */
    choose(node) {
      const found = given.nodes[node]?.[0];
      if (found === undefined) return false;
      chosen = found;
      show();
      return true;
    },
    hear(answer) {
      if (answer.points) curves.set(answer.curve, answer.points);
      else ({ rows, h: step, note } = answer);
      show();
    },
  };
}

/** The error over h, both by powers of ten: too large an h on the left, too small a one on the right; and in words. */
function curve(points, step) {
  const known = points.filter(([, error]) => error !== null);
  if (!known.length) return [];
  const errors = known.map(([, error]) => Math.log10(Math.max(error, 1e-16)));
  const [low, high] = [Math.min(...errors), Math.max(...errors) + 1e-9];
  const x = (size) => (-Math.log10(size) / FINEST) * (BOX.width - 12) + 6;
  const y = (error) => 6 + ((high - Math.log10(Math.max(error, 1e-16))) / (high - low)) * (BOX.height - 12);
  const best = known.reduce((found, each) => (each[1] < found[1] ? each : found));
  const words = `The error is smallest, ${best[1].toExponential(1)}, at h = ${best[0].toExponential(0)}.`;
  const svg = svgElement("svg", {
    viewBox: `0 0 ${BOX.width} ${BOX.height}`,
    role: "img",
    "aria-label": `Error over h. ${words}`,
  });
  const path = known.map(([size, error], i) => `${i ? "L" : "M"}${x(size).toFixed(1)} ${y(error).toFixed(1)}`).join("");
  svg.append(svgElement("path", { d: path, class: "mt-line" }));
  svg.append(svgElement("path", { d: `M${x(step).toFixed(1)} 0V${BOX.height}`, class: "mt-here" }));
  for (const [size, error] of known) svg.append(svgElement("circle", { cx: x(size), cy: y(error), r: 2.5 }));
  return [svg, h("p", {}, `Error over h, from 1 down to 1e-10. ${words}`)];
}
