// The page around the picture: controls, the slider with its lane, legend and glossary.

import { h, icon, MEANING, signOf, svgElement } from "./dom.js";
import { placeAt, waysOf } from "./forward.js";

const KINDS = { f: ["mt-f", 3], a: ["mt-a", 9], b: ["mt-b", 9], e: ["mt-e", 9] }; // class and height of a tick
const LISTED = 200; // names among those to run to
const GLOSSARY = {
  "leaf, AccumulateGrad":
    "A Variable that you made yourself. backward() adds what arrives to its .grad; as a node of the graph it is called AccumulateGrad.",
  grad: "In a rule: the gradient that has arrived at this node. The rule multiplies it by the node's own derivative: the chain rule.",
  "ready, queue": "Nodes for which everything has arrived stand in a queue. backward() takes the one that was made last.",
  "leads back to":
    "A node keeps from where its inputs came (next_functions). So the graph can be walked back, and the gradients go that way.",
  "would be freed":
    "Values that the forward pass has kept for a node's rule. backward() lets go of them, so a second one needs retain_graph=True. The stepper keeps them.",
  "‖3.2‖": "The norm of a large gradient: the root of the sum of all its squares.",
  "0.5 each, 0.5 in each of 2×2": "All elements are the same number.",
  "summed over axis 0": "A value that was used for every row (a broadcast) gets the sum of what all rows send back.",
};

function button(name, label, key, ...text) {
  const words = { "aria-label": label, title: `${label} (${key})` };
  return h("button", { type: "button", class: `mt-${name}`, ...words }, icon(name), ...text);
}

export function build(element, data, pass) {
  const buttons = {
    first: button("first", "Back to the start", "Home"),
    previous: button("previous", "One step back", "←"),
    play: button("play", "Play", "space"),
    next: button("next", "Next step", "→", "Next"),
    last: button("last", "Run to the end", "End"),
  };
  const speed = select("Speed", ["0.5", "½×"], ["1", "1×"], ["2", "2×"], ["4", "4×"]);
  speed.value = "1";
  const phases = toggle(
    "mt-by-phase",
    "Phases",
    "Walk each step phase by phase: taken, receives, applies, sends or accumulates (P)",
  );
  const until = runUntil(pass);
  const stop = toggle("mt-stop-here", "Stop here", "Play and run stop at this node; or shift-click a node (B)");
  const predict = toggle("mt-predict", "Predict", "Each gradient is asked for before it is shown (Q)");
  const nudge = toggle("mt-nudging", "Nudge", "A finite difference beside the gradient of an element (N)");
  nudge.hidden = !data.nudge;
  const score = h("output", { class: "mt-score", "aria-label": "Score" });
  const hint = h("output", { class: "mt-hint", role: "status" });
  const slider = h("input", {
    type: "range",
    min: pass.first,
    max: pass.last,
    step: 1,
    value: pass.first,
    "aria-label": pass.first < 0 ? "Position, forward and back" : "Position in the backward pass",
  });
  const room = Math.max(...[pass.first + 1, pass.count, pass.last].map((k) => placeAt(pass, k).length));
  const count = h("output", { class: "mt-count", style: `min-width: max(5.5em, ${room}ch)` });
  const [track, setStops] = lane(data.lane ?? "", pass);
  const [picture, near] = ["mt-picture", "mt-near"].map((name) => h("div", { class: name }));
  setAttributes(picture, { tabindex: 0, role: "group", "aria-label": `Graph of ${data.title}` });
  setAttributes(near, { role: "group", "aria-label": "What this node is joined to" });
  const sentence = h("p", { class: "mt-sentence", "aria-live": "polite", "aria-atomic": "true" });
  const note = h("p", { class: "mt-note", role: "status", hidden: "" });
  const parts = { code: "Code", now: "This step", queue: "Queue", grads: "Gradients" };
  const [code, now, queue, grads] = Object.entries(parts).map(([name, label]) => {
    const extra = name === "grads" ? {} : { tabindex: 0, role: "group", "aria-label": label };
    return h("section", { class: `mt-${name}`, ...extra });
  });
  const asked = h("section", { class: "mt-ask", tabindex: 0, role: "group", "aria-label": "Question", hidden: "" });
  const nudged = h("section", { class: "mt-nudge", tabindex: 0, role: "group", "aria-label": "Nudge", hidden: "" });
  const words = h("details", { class: "mt-words" }, h("summary", {}, listTitle(pass)), h("ol"));
  const root = h(
    "div",
    { class: "mt-stepper", role: "group", "aria-label": `Backward stepper: ${data.title}` },
    h(
      "div",
      { class: "mt-controls" },
      h("span", { class: "mt-moves" }, ...Object.values(buttons)),
      h("span", { class: "mt-options" }, speed, phases, until, stop, nudge, predict, score),
    ),
    h("div", { class: "mt-rail" }, h("div", { class: "mt-track" }, slider, track, ...ways(pass)), count),
    h(
      "div",
      { class: "mt-body" },
      h("div", { class: "mt-seen" }, picture, near),
      h(
        "div",
        { class: "mt-told" },
        h("div", { class: "mt-top" }, h("div", { class: "mt-saying" }, sentence, hint), code),
        note,
        h("div", { class: "mt-panel" }, now, asked, nudged, queue, grads),
      ),
    ),
    legend(pass),
    h("div", { class: "mt-more" }, words, glossary()),
  );
  element.classList.add("mt-host");
  element.append(root);
  return {
    root,
    buttons,
    speed,
    phases,
    until,
    stop,
    nudge,
    predict,
    score,
    hint,
    slider,
    count,
    track,
    setStops,
    picture,
    near,
    sentence,
    note,
    code,
    now,
    asked,
    nudged,
    queue,
    grads,
    words,
    say,
  };

  function say({ playing }) {
    buttons.play.replaceChildren(icon(playing ? "pause" : "play"));
    const label = playing ? "Pause" : "Play";
    setAttributes(buttons.play, { "aria-label": label, title: `${label} (space)` });
  }
}

function setAttributes(element, attributes) {
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
}

function toggle(name, text, title) {
  return h("button", { type: "button", class: name, title, "aria-pressed": "false" }, text);
}

function select(label, ...options) {
  return h("select", { "aria-label": label, title: label }, ...options.map(([value, text]) => h("option", { value }, text)));
}

/** Values are "nan" and so on, or "=" and a node's title, so that no name is taken for an event. */
function runUntil(pass) {
  const found = select(
    "Run until",
    ["", "Run until…"],
    ["accumulates", "a .grad grows"],
    ["nan", "NaN or ∞"],
    ["error", "an error"],
    ["stop", "a stop"],
    ...(pass.made.size && pass.code.length ? [["line", "the next line"]] : []),
  );
  const names = (label, titles) => {
    const options = titles.slice(0, LISTED).map((title) => h("option", { value: `=${title}` }, title));
    if (options.length) found.append(h("optgroup", { label }, ...options));
  };
  const leaves = new Set([...pass.leaves.values()].map((leaf) => leaf.node));
  names(
    "a leaf",
    [...pass.leaves.values()].map((leaf) => leaf.name),
  );
  names(
    "a function",
    [...pass.nodes.values()].filter(({ id }) => !leaves.has(id) && pass.ranAt.has(id)).map(({ title }) => title),
  );
  return found;
}

function listTitle(pass) {
  const [known, all] = [pass.steps.size, pass.count].map((count) => count + Math.max(pass.made.size - 1, 0) + pass.updates.size);
  if (known < all) return `The first ${known.toLocaleString("en")} of ${all.toLocaleString("en")} steps in words`;
  return `All ${all} steps in words`;
}

/** A tick for each step beneath the slider, or for each few: functions short, accumulations tall, NaN and errors in their colours. */
function lane(marks, { first, last, count }) {
  const box = `${first} 0 ${last - first || 1} 10`;
  const attributes = { class: "mt-lane", preserveAspectRatio: "none", "aria-hidden": "true", viewBox: box };
  const svg = svgElement("svg", attributes);
  const each = count / marks.length;
  for (const [kind, [name, height]] of Object.entries(KINDS)) {
    const d = [...marks].flatMap((mark, i) => (mark === kind ? [`M${(i + 1) * each} 0v${height}`] : [])).join("");
    if (d) svg.append(svgElement("path", { class: name, d, "stroke-width": Math.min(5, Math.max(1, 400 / marks.length)) }));
  }
  const further = [...Array(last - first).keys()].map((i) => first + 1 + i).filter((k) => k < 0 || k > count);
  const ticks = further.map((k) => `M${k} 0v3`).join("");
  if (ticks) svg.append(svgElement("path", { class: "mt-way", d: ticks, "stroke-width": Math.min(5, 400 / further.length) }));
  const stops = svgElement("path", { class: "mt-stops" });
  svg.append(stops);
  return [svg, (positions) => stops.setAttribute("d", positions.map((k) => `M${k} 9.9v.1`).join(""))];
}

/** Beneath the lane, where the way forth ends and the way back begins, and the update. */
function ways(pass) {
  const found = waysOf(pass);
  const style = `grid-template-columns: ${found.map(([, length]) => `minmax(0, ${length}fr)`).join(" ")}`;
  const row = () => h("div", { class: "mt-ways", style, "aria-hidden": "true" }, ...found.map(([name]) => h("span", {}, name)));
  return found.length ? [row()] : [];
}

function legend(pass) {
  const item = ([state, [text, title]]) => h("span", { class: "mt-key", "data-state": state, title }, signOf(state), ` ${text}`);
  const earlier = h("span", { class: "mt-earlier", title: "With create_graph=True" }, "made by an earlier backward pass");
  const isTwice = [...pass.nodes.values()].some((node) => node.earlier);
  return h("p", { class: "mt-legend" }, ...Object.entries(MEANING).map(item), ...(isTwice ? [earlier] : []));
}

function glossary() {
  const terms = Object.entries(GLOSSARY).flatMap(([term, words]) => [h("dt", {}, term), h("dd", {}, words)]);
  return h("details", { class: "mt-glossary" }, h("summary", {}, "What the words mean"), h("dl", {}, ...terms));
}
