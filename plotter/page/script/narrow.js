/* A window in which the picture's letters would be too small to read has a layout of its own: the panes
 * alone, at the width that there is. Their legend is the list below. */
const asDrawn = Object.fromEntries(["width", "height", "viewBox"].map(k => [k, get(svg, k)])), pictureScale = S;
const others = [...svg.children].filter(e => !["title", "clipPath", "rect"].includes(e.tagName) && ![moved, cursor].includes(e));
const layOut = () => {
  const room = svg.parentElement.clientWidth, small = room > 0 && room < .75 * asDrawn.width;
  if (!small && !narrow()) return;
  if (small && narrow() && room === svg.viewBox.baseVal.width) return;
  let y = 26;
  S = small ? 1 : pictureScale;
  panes.forEach((p, k) => {
    p.box = small ? [48, y, room - 66, k ? 150 : 240] : p.own;
    y = p.box[1] + p.box[3] + 30;
  });
  [X, , W] = panes[0].box;
  document.body.classList.toggle("narrow", small);
  set(svg, small ? { width: room, height: y + 20, viewBox: `0 0 ${room} ${y + 20}` } : asDrawn);
  for (const e of others) if (!e.classList.contains("span")) show(e, !small);
  draw();
};
on(window, "resize", layOut);
layOut();
