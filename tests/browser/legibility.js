// What is wrong with the pictures of a page, as a student sees them: a list of sentences, [] where all can be read.
// Sizes are those on the screen: a picture that is shrunk has small text.
() => {
  const found = [];
  const view = document.documentElement;
  if (view.scrollWidth > view.clientWidth) found.push(`the page is ${view.scrollWidth} px wide, not ${view.clientWidth}`);

  const seen = (element) => {
    const box = element.getBoundingClientRect();
    const style = getComputedStyle(element);
    return (
      box.width > 0 && box.height > 0 && style.visibility !== "hidden" && style.display !== "none" && Number(style.opacity) > 0
    );
  };
  const apart = (a, b, slack) =>
    a.right - slack <= b.left || b.right - slack <= a.left || a.bottom - slack <= b.top || b.bottom - slack <= a.top;

  const roots = [document, ...[...document.querySelectorAll("*")].map((host) => host.shadowRoot).filter(Boolean)];
  const pictures = roots.flatMap((root) => [...root.querySelectorAll("svg.mt-graph")]).filter(seen);
  if (!pictures.length) found.push("there is no picture");
  for (const svg of pictures) {
    for (let frame = svg.parentElement; frame; frame = frame.parentElement ?? frame.getRootNode().host)
      if (frame.scrollWidth > frame.clientWidth + 1)
        found.push(`${frame.className}: ${frame.scrollWidth} px in ${frame.clientWidth}`);
    const scale = svg.getBoundingClientRect().width / svg.viewBox.baseVal.width;
    const texts = [...svg.querySelectorAll("text")].filter((text) => text.textContent.trim() && seen(text));
    for (const text of texts) {
      const size = scale * parseFloat(getComputedStyle(text).fontSize);
      if (size < 8.99) found.push(`"${text.textContent}" is ${size.toFixed(1)} px`);
    }
    // A line's box is a quarter taller than its letters: so much may two of them share.
    const boxes = texts.map((text) => ({ text, owner: text.closest("g[class]"), box: text.getBoundingClientRect() }));
    for (let i = 0; i < boxes.length; i++)
      for (let j = 0; j < i; j++)
        if (!apart(boxes[i].box, boxes[j].box, 2.5))
          found.push(`"${boxes[i].text.textContent}" over "${boxes[j].text.textContent}"`);
    const frames = [...svg.querySelectorAll(".mt-box")].filter(seen).map((rect) => [rect, rect.getBoundingClientRect()]);
    for (const { text, box } of boxes)
      for (const [rect, place] of frames)
        if (!rect.parentElement.contains(text) && !apart(box, place, 2))
          found.push(`"${text.textContent}" over the box of "${rect.parentElement.querySelector("text")?.textContent}"`);
  }
  return found;
};
