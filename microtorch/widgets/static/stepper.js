// The backward stepper: one plain ES module that draws a recorded backward pass from data.
//
//   mount(element, data, {position, onPosition}) -> {goto, tell, destroy, position}
//
// works on any page; the default export is the thin anywidget view on it. `data` is what `story.page` tells of a trace:
// the picture is laid out once, a step only toggles attributes and fills text. Text from `data` never becomes markup.

// Signs as shapes, the same in every font, 12 by 12: outlines run one way round, what is cut out of them the other way.
const RING = "M6 1A5 5 0 0 1 6 11A5 5 0 0 1 6 1ZM6 2.5A3.5 3.5 0 0 0 6 9.5A3.5 3.5 0 0 0 6 2.5Z";
export const SIGN = {
  waiting: RING,
  ready: `${RING}M6 2A4 4 0 0 1 6 10Z`,
  current: "M2.2 .8L11.2 6L2.2 11.2Z",
  done: "M.8 6.4L2.6 4.6L4.8 6.8L9.6 1.6L11.4 3.4L4.8 10.6Z",
  untracked: `${RING}M9.9 .6L11.4 2.1L2.1 11.4L.6 9.9Z`,
  bad: "M6 .6L12 11.4L0 11.4ZM5.2 4.4L5.5 8L6.5 8L6.8 4.4ZM5.3 8.8L5.3 10.2L6.7 10.2L6.7 8.8Z",
};
const MEANING = { waiting: "waiting", ready: "ready", current: "just ran", done: "done", bad: "NaN or Inf" };
const BEAT = 1400; // milliseconds a step while playing: time to read one sentence
const TERMS = 6; // of a sum before its middle is left out
const SHOWN = 6; // lines of a list before it says "and N more"
const LEAST = 0.9; // of its natural size: smaller than this a picture is scrolled, not shrunk, to keep its text at 9 px

export function mount(element, data, { position = 0, onPosition = () => {} } = {}) {
  const last = data.steps.length;
  const pass = indexPass(data);
  const page = build(element, data, last);
  const picture = hooks(page.picture, pass, data.svg);
  const events = new AbortController();
  let here = -1;
  let timer = null;

  function show(k) {
    if (k === here) return;
    here = k;
    paint(picture, pass, data, k);
    look();
    fill(page, pass, data, k);
    element.dataset.position = k;
  }

  function look(behavior = "smooth") {
    follow(page.picture, picture.nodes.get(data.steps[here - 1]?.node ?? data.start.node), behavior);
  }

  function goto(k) {
    const wanted = Number.isInteger(k) ? Math.min(Math.max(k, 0), last) : here;
    if (wanted === here) return;
    show(wanted);
    onPosition(wanted);
  }

  function play() {
    if (here === last) goto(0);
    page.say({ playing: true });
    timer = setInterval(() => (here < last ? goto(here + 1) : pause()), BEAT);
  }

  function pause() {
    clearInterval(timer);
    timer = null;
    page.say({ playing: false });
  }

  const moves = {
    first: () => goto(0),
    previous: () => goto(here - 1),
    next: () => goto(here + 1),
    last: () => goto(last),
  };
  const move = (name) => (pause(), moves[name]());
  const toggle = () => (timer ? pause() : play());

  const on = (target, type, listener) => target.addEventListener(type, listener, { signal: events.signal });
  for (const name of Object.keys(moves)) on(page.buttons[name], "click", () => move(name));
  on(page.buttons.play, "click", toggle);
  on(page.slider, "input", () => (pause(), goto(page.slider.valueAsNumber)));
  on(page.words, "toggle", () => page.words.open && list(page.words, data, (k) => (pause(), goto(k)), here));
  on(page.picture, "click", (event) => {
    const node = event.target.closest?.(".mt-node");
    const k = node && pass.ranAt.get(Number(node.dataset.node));
    if (k) (pause(), goto(k));
  });
  on(element, "keydown", (event) => {
    const key = { ArrowLeft: "previous", ArrowRight: "next", Home: "first", End: "last" }[event.key];
    const onButton = event.target.closest("button, summary");
    if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    if (key) move(key);
    else if (event.key === " " && !onButton) toggle();
    else return;
    event.preventDefault();
    event.stopPropagation();
  });

  const resized = new ResizeObserver(() => look("instant")); // also the moment at which the page first gets a size
  resized.observe(page.picture);
  element.dataset.last = last;
  show(Number.isInteger(position) ? Math.min(Math.max(position, 0), last) : 0);
  return {
    goto,
    get position() {
      return here;
    },
    tell(text) {
      page.note.textContent = text;
      page.note.hidden = !text;
    },
    destroy() {
      pause();
      events.abort();
      resized.disconnect();
      page.root.remove();
    },
  };
}

// ---- what the pass says at a position: facts from the data, no page ----

/** Who runs when, and what is sent when, by id. */
export function indexPass(data) {
  const ranAt = new Map(data.steps.map((step, i) => [step.node, i + 1]));
  const nodes = new Map(data.nodes.map((node) => [node.id, node]));
  const sent = new Map(
    data.steps.flatMap((step, i) => step.sent.map((each) => [each.edge, { ...each, from: step.node, at: i + 1 }])),
  );
  return { ranAt, nodes, sent };
}

/** The state of one node after `k` steps, and how many of its contributions have arrived. */
export function stateOf(pass, id, k) {
  const ran = pass.ranAt.get(id);
  const { parts } = pass.nodes.get(id);
  const got = parts.filter((part) => part.at <= k).length;
  const state =
    ran === undefined ? "untracked" : ran === k ? "current" : ran < k ? "done" : got === parts.length ? "ready" : "waiting";
  return { state, got, of: parts.length };
}

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
function arrived(pass, data, id, k) {
  const { parts } = pass.nodes.get(id);
  const sum = growing(parts, k);
  const step = data.steps[pass.ranAt.get(id) - 1];
  if (!step || parts.some((part) => part.at > k)) return sum;
  const total = step.received.map((each) => each.short).join("; ");
  return parts.length > 1 ? `${sum} = ${total}` : total;
}

// ---- the picture ----

function hooks(panel, pass, svg) {
  const root = parse(svg);
  panel.hidden = !root;
  if (!root) return { nodes: new Map(), edges: new Map(), links: [], values: new Map(), sums: new Map(), seen: new Map() };
  root.style.minWidth = `${LEAST * Number(root.getAttribute("width"))}px`;
  panel.append(root);
  const all = (name) => new Map([...root.querySelectorAll(`.mt-${name}`)].map((g) => [Number(g.dataset[name]), g]));
  const nodes = all("node");
  const edges = all("edge");
  for (const g of nodes.values()) makeSign(g);
  const sums = new Map([...nodes].filter(([id]) => pass.nodes.get(id)?.parts.length > 1).map(([id, g]) => [id, sumAbove(g)]));
  const links = [...root.querySelectorAll(".mt-link")];
  const values = new Map([...edges.values(), ...links].map((g) => [g, g.querySelector(".mt-value")]));
  for (const text of values.values()) if (text) root.append(text); // on top: no other edge may cross a number
  return { nodes, edges, links, values, sums, seen: new Map() };
}

/** Room above a node's box for the sum that grows while the node waits. */
function sumAbove(group) {
  const box = group.querySelector(".mt-box");
  const number = (name) => Number(box?.getAttribute(name) ?? 0);
  const text = svgElement("text", { class: "mt-sum", x: number("x") + number("width") / 2, y: number("y") - 5 });
  group.append(text);
  return text;
}

/** A node's sign stands where the picture has left room for it; right of it, how much has arrived. */
function makeSign(group) {
  const room = group.querySelector(".mt-glyph");
  if (!room) return;
  const sign = svgElement("g", {
    class: "mt-glyph",
    transform: `translate(${room.getAttribute("x")},${room.getAttribute("y")})`,
  });
  sign.append(svgElement("path", {}), svgElement("text", { "text-anchor": "end", x: -14, y: 0.5, "font-size": 10 }));
  room.replaceWith(sign);
}

function setSign(group, name, count) {
  const sign = group.querySelector(".mt-glyph");
  if (!sign) return;
  const [path, text] = sign.children;
  path.setAttribute("d", SIGN[name]);
  path.setAttribute("transform", "translate(-11,-10)");
  sign.dataset.sign = name;
  text.textContent = count;
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

function paint(picture, pass, data, k) {
  for (const [id, g] of picture.nodes) {
    const { state, got, of } = stateOf(pass, id, k);
    const bad = pass.ranAt.get(id) <= k && data.steps[pass.ranAt.get(id) - 1].bad;
    const count = state === "waiting" && of > 1 ? `${got}/${of}` : "";
    change(picture, g, `${state}${bad ? " bad" : ""}${count}`, () => {
      g.dataset.state = bad && state !== "current" ? "bad" : state;
      g.classList.toggle("mt-bad", Boolean(bad));
      setSign(g, bad ? "bad" : state, count);
      if (picture.sums.has(id)) picture.sums.get(id).textContent = got ? arrived(pass, data, id, k) : "";
    });
  }
  for (const leaf of data.leaves) {
    const g = picture.nodes.get(leaf.node)?.querySelector(".mt-grad");
    if (g) change(picture, g, leaf.step <= k, () => writeLines(g, leaf.step <= k ? leaf.after : leaf.before));
  }
  for (const link of picture.links)
    change(picture, link, k === 0, () => {
      flow(picture, link, k ? "sent" : "flowing", data.start.value, data.start.value);
    });
  for (const [id, g] of picture.edges) {
    const sent = pass.sent.get(id);
    const state = !sent ? "never" : sent.at > k ? "" : sent.at === k ? "flowing" : "sent";
    change(picture, g, state, () => {
      g.classList.toggle("mt-bad", state !== "" && Boolean(sent?.bad));
      flow(picture, g, state, sent?.at <= k ? sent.short : "", sent?.value);
    });
  }
}

function flow(picture, edge, state, value, whole) {
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

function change(picture, element, now, apply) {
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

/** Keep the node that has just run in sight when the picture is wider or taller than its frame. */
function follow(frame, node, behavior) {
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

// ---- the page around it ----

const ICON = {
  first: "M5 4v12M16 4 8 10l8 6z",
  previous: "M13 4 6 10l7 6z",
  play: "M6 3.5v13l10-6.5z",
  pause: "M6 4h3v12H6zM12 4h3v12h-3z",
  next: "M7 4l7 6-7 6z",
  last: "M15 4v12M4 4l8 6-8 6z",
};

function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

function svgElement(tag, attributes = {}) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
}

function drawn(d, size, attributes = {}) {
  const svg = svgElement("svg", { viewBox: `0 0 ${size} ${size}`, "aria-hidden": "true", ...attributes });
  svg.append(svgElement("path", { d }));
  return svg;
}

function icon(name) {
  return drawn(ICON[name], 20);
}

/** A state's sign among words. */
function signOf(state) {
  return drawn(SIGN[state], 12, { class: "mt-sign" });
}

function button(name, label, key, ...text) {
  return h(
    "button",
    { type: "button", class: `mt-${name}`, "aria-label": label, title: `${label} (${key})` },
    icon(name),
    ...text,
  );
}

function build(element, data, last) {
  const buttons = {
    first: button("first", "Back to the start", "Home"),
    previous: button("previous", "One step back", "←"),
    play: button("play", "Play", "space"),
    next: button("next", "Next step", "→", "Next"),
    last: button("last", "Run to the end", "End"),
  };
  const slider = h("input", {
    type: "range",
    min: 0,
    max: last,
    step: 1,
    value: 0,
    "aria-label": "Position in the backward pass",
  });
  const count = h("output", { class: "mt-count" });
  const picture = h("div", { class: "mt-picture", tabindex: 0, role: "group", "aria-label": `Graph of ${data.title}` });
  const sentence = h("p", { class: "mt-sentence", "aria-live": "polite", "aria-atomic": "true" });
  const note = h("p", { class: "mt-note", role: "status", hidden: "" });
  const [now, queue, grads] = ["mt-now", "mt-queue", "mt-grads"].map((name) => h("section", { class: name }));
  const words = h("details", { class: "mt-words" }, h("summary", {}, `All ${last} steps in words`), h("ol"));
  const root = h(
    "div",
    { class: "mt-stepper", role: "group", "aria-label": `Backward stepper: ${data.title}`, "data-lm-suppress-shortcuts": "true" },
    h("div", { class: "mt-controls" }, ...Object.values(buttons), slider, count),
    picture,
    legend(),
    sentence,
    note,
    h("div", { class: "mt-panel" }, now, queue, grads),
    words,
  );
  element.append(root);
  return { root, buttons, slider, count, picture, sentence, note, now, queue, grads, words, say };

  function say({ playing }) {
    buttons.play.replaceChildren(icon(playing ? "pause" : "play"));
    const label = playing ? "Pause" : "Play";
    buttons.play.setAttribute("aria-label", label);
    buttons.play.title = `${label} (space)`;
  }
}

function legend() {
  const item = ([state, text]) => h("span", { class: "mt-key", "data-state": state }, signOf(state), ` ${text}`);
  return h("p", { class: "mt-legend" }, ...Object.entries(MEANING).map(item));
}

function fill(page, pass, data, k) {
  const last = data.steps.length;
  const step = data.steps[k - 1];
  const sentence = step ? step.sentence : data.start.sentence;
  page.sentence.textContent = sentence;
  page.count.textContent = `${k} / ${last}`;
  page.slider.value = k;
  page.slider.setAttribute("aria-valuetext", `step ${k} of ${last}. ${sentence}`);
  for (const name of ["first", "previous"]) quiet(page.buttons[name], k === 0);
  for (const name of ["next", "last"]) quiet(page.buttons[name], k === last);
  page.now.replaceChildren(...(step ? nowLines(pass, step) : startLines(data)));
  page.queue.replaceChildren(...queueLines(pass, data, k));
  page.grads.replaceChildren(...gradLines(data, k));
  for (const item of page.words.querySelectorAll("li")) mark(item, Number(item.value) === k);
}

/** aria-disabled, not disabled: a disabled button would drop the keyboard focus at the first and last position. */
function quiet(element, off) {
  element.setAttribute("aria-disabled", String(off));
}

function startLines(data) {
  return [heading("Before the first step"), ...data.start.lines.map((line) => h("p", {}, line))];
}

function nowLines(pass, step) {
  const node = pass.nodes.get(step.node);
  const lines = [heading("Just ran: ", h("b", {}, node.title))];
  if (node.source) lines.push(h("pre", {}, node.source));
  for (const got of step.received) lines.push(row("received", equation(got.of, got.sum, got.value)));
  for (const sent of step.sent) {
    lines.push(row(`sent to ${pass.nodes.get(sent.to)?.title ?? "?"}`, equation(...rule(sent), sent.value)));
  }
  if (step.grad)
    lines.push(row("accumulated", equation(step.grad.of, step.grad.sum, step.grad.value), ...remark(step.grad.remark)));
  if (step.frees.length) lines.push(row("would be freed", h("span", {}, step.frees.join(", "))));
  return lines;
}

/** Not <h4>: a notebook's table of contents must not fill with the stepper's. */
function heading(...text) {
  return h("p", { class: "mt-head", role: "heading", "aria-level": 4 }, ...text);
}

function row(label, ...content) {
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

/** "of = term = term = value": the last one, the number that counts, is bold. */
function equation(...terms) {
  const known = terms.filter(Boolean);
  return h(
    "code",
    {},
    known
      .slice(0, -1)
      .map((term) => `${term} = `)
      .join(""),
    h("b", {}, known.at(-1)),
  );
}

function queueLines(pass, data, k) {
  const ready = [];
  const growingNow = [];
  let untouched = 0;
  for (const node of data.nodes) {
    const { state, got, of } = stateOf(pass, node.id, k);
    if (state === "ready") ready.push({ node, got, of });
    else if (state === "waiting" && got) growingNow.push({ node, got, of });
    else if (state === "waiting") untouched += 1;
  }
  ready.sort((a, b) => pass.ranAt.get(a.node.id) - pass.ranAt.get(b.node.id)); // the engine's own order
  const line = (state, { node, got, of }) =>
    h(
      "li",
      { "data-state": state },
      h("span", { class: "mt-mark" }, signOf(state)),
      h("b", {}, node.title),
      ` received ${of > 1 ? `${got} of ${of}: ` : ""}`,
      h("code", {}, arrived(pass, data, node.id, k)),
    );
  const some = (state, items) => [
    ...items.slice(0, SHOWN).map((item) => line(state, item)),
    ...(items.length > SHOWN ? [h("li", {}, `and ${items.length - SHOWN} more`)] : []),
  ];
  const lines = [heading(ready.length ? "Ready, in the engine's order" : "Nothing is ready: the pass is over")];
  if (ready.length) lines.push(h("ol", {}, ...some("ready", ready)));
  if (growingNow.length) lines.push(heading("Waiting, its sum growing"), h("ul", {}, ...some("waiting", growingNow)));
  if (untouched) lines.push(h("p", {}, `${untouched} ${untouched === 1 ? "node waits" : "nodes wait"} for a first gradient.`));
  return lines;
}

function gradLines(data, k) {
  const lines = data.leaves.map((leaf) => {
    const value = leaf.step <= k ? leaf.after.text : leaf.before.text;
    return h(
      "tr",
      { "data-state": leaf.step === k ? "current" : "" },
      h("th", { scope: "row" }, `${leaf.name}.grad`),
      h("td", {}, value),
    );
  });
  const more = lines.length > SHOWN * 2 ? [h("p", {}, `and ${lines.length - SHOWN * 2} more`)] : [];
  return [heading(data.live ? "In your session now" : "The leaves now"), h("table", {}, ...lines.slice(0, SHOWN * 2)), ...more];
}

function list(words, data, goto, k) {
  const items = words.querySelector("ol");
  if (items.childElementCount) return;
  data.steps.forEach((step, i) => {
    const item = h("li", { value: i + 1 }, h("button", { type: "button" }, step.sentence));
    mark(item, i + 1 === k);
    item.firstChild.addEventListener("click", () => goto(i + 1));
    items.append(item);
  });
}

function mark(item, current) {
  if (current) item.setAttribute("aria-current", "step");
  else item.removeAttribute("aria-current");
}

// ---- Jupyter ----

function render({ model, el }) {
  const view = mount(
    el,
    { ...model.get("data"), live: true },
    {
      position: model.get("position"),
      onPosition(k) {
        model.set("position", k);
        model.save_changes();
      },
    },
  );
  const listen = { "change:position": () => view.goto(model.get("position")), "change:note": () => view.tell(model.get("note")) };
  for (const [name, listener] of Object.entries(listen)) model.on(name, listener);
  view.tell(model.get("note"));
  return () => {
    for (const [name, listener] of Object.entries(listen)) model.off(name, listener);
    view.destroy();
  };
}

export default { render };
