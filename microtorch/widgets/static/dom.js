// Small parts of a page: elements, signs and icons. Text never becomes markup.

// Signs as shapes, the same in every font, 12 by 12: outlines run one way round, what is cut out of them the other way.
const RING = "M6 1A5 5 0 0 1 6 11A5 5 0 0 1 6 1ZM6 2.5A3.5 3.5 0 0 0 6 9.5A3.5 3.5 0 0 0 6 2.5Z";
export const SIGN = {
  waiting: RING,
  ready: `${RING}M6 2A4 4 0 0 1 6 10Z`,
  current: "M2.2 .8L11.2 6L2.2 11.2Z",
  done: "M.8 6.4L2.6 4.6L4.8 6.8L9.6 1.6L11.4 3.4L4.8 10.6Z",
  untracked: `${RING}M9.9 .6L11.4 2.1L2.1 11.4L.6 9.9Z`,
  bad: "M6 .6L12 11.4L0 11.4ZM5.2 4.4L5.5 8L6.5 8L6.8 4.4ZM5.3 8.8L5.3 10.2L6.7 10.2L6.7 8.8Z",
  failed: "M1 2.8L2.8 1L6 4.2L9.2 1L11 2.8L7.8 6L11 9.2L9.2 11L6 7.8L2.8 11L1 9.2L4.2 6Z",
};
export const MEANING = {
  waiting: ["waiting", "Not all gradients that this node needs have arrived."],
  ready: ["ready", "All gradients that this node needs have arrived: it can run."],
  current: ["just ran", "This node has run in the last step."],
  done: ["done", "This node has run: what it sent has gone on."],
  bad: ["NaN or ∞", "A number that is none (NaN), or an infinite one, came or went here."],
  failed: ["failed", "An error was raised here: the pass ended."],
};
const ICON = {
  first: "M5 4v12M16 4 8 10l8 6z",
  previous: "M13 4 6 10l7 6z",
  play: "M6 3.5v13l10-6.5z",
  pause: "M6 4h3v12H6zM12 4h3v12h-3z",
  next: "M7 4l7 6-7 6z",
  last: "M15 4v12M4 4l8 6-8 6z",
};

export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

export function svgElement(tag, attributes = {}, ...children) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

function shape(d, size, attributes = {}) {
  const svg = svgElement("svg", { viewBox: `0 0 ${size} ${size}`, "aria-hidden": "true", ...attributes });
  svg.append(svgElement("path", { d }));
  return svg;
}

export function icon(name) {
  return shape(ICON[name], 20);
}

/** A state's sign among words. */
export function signOf(state) {
  return shape(SIGN[state] ?? "", 12, { class: "mt-sign" });
}

/** A name with the places where its line may end: before a dot, a bracket, and PyTorch's "Backward". */
export function breakable(name) {
  return name.split(/(?=[.[]|Backward)/).flatMap((part, i) => (i ? [h("wbr"), part] : [part]));
}

/** Not <h4>: a notebook's table of contents must not fill with the stepper's. */
export function heading(...text) {
  return h("p", { class: "mt-head", role: "heading", "aria-level": 4 }, ...text);
}

export function mark(element, isCurrent, value = "step") {
  if (isCurrent) element.setAttribute("aria-current", value);
  else element.removeAttribute("aria-current");
}

/** In here, keys are the stepper's and no shortcuts of the editor's: but for those with Ctrl or Cmd, and Shift + Enter. */
export function shareKeys(root, signal) {
  const isEditors = ({ ctrlKey, metaKey, shiftKey, key }) => ctrlKey || metaKey || (shiftKey && key === "Enter");
  const share = (event) => {
    if (root.contains(event.target)) root.toggleAttribute("data-lm-suppress-shortcuts", !isEditors(event));
  };
  addEventListener("keydown", share, { capture: true, signal }); // on the window: JupyterLab listens on the document
}

/** Scroll a box, and nothing else, so that something in it can be seen. */
export function reveal(box, item) {
  if (!item) return;
  const [outer, inner] = [box.getBoundingClientRect(), item.getBoundingClientRect()];
  if (inner.top < outer.top) box.scrollTop -= outer.top - inner.top;
  else if (inner.bottom > outer.bottom) box.scrollTop += inner.bottom - outer.bottom;
}
