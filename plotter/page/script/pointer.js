/* Pointing at the chart, dragging over a part of it, the wheel. */
const time = e => momentOf(e, svg, from, to);
const inside = t => min(to, max(from, t));
let down = null, held = null, box = null;
on(svg, "pointermove", e => {
  if (held !== null) { const by = held - time(e); if (by) look(from + by, to + by); return; }
  tell(inside(time(e)));
  if (down === null) return;
  const a = px(inside(down)), b = px(inside(time(e)));
  if (!box) svg.append(box = make("rect", { y: panes[0].box[1], height: bottom() - panes[0].box[1], fill: theme.main, "fill-opacity": .15 }));
  set(box, { x: min(a, b), width: abs(a - b) });
});
on(svg, "pointerleave", () => { if (down === null) tell(null); });
on(svg, "pointerdown", e => {
  const t = time(e);
  if (e.button !== 0 || !isSeen(t) || (e.target.closest && e.target.closest("g.row"))) return;
  if (e.shiftKey) held = t; else down = t;
  svg.focus({ preventScroll: true });
  e.preventDefault();
});
const letGo = () => { down = held = null; if (box) box.remove(); box = null; };
on(window, "pointerup", e => {
  const a = down === null ? 0 : inside(down), b = down === null ? 0 : inside(time(e)), far = abs(px(a) - px(b)) > 4;
  letGo();
  if (far) look(min(a, b), max(a, b));
});
on(window, "pointercancel", letGo);
on(svg, "dblclick", all);
/* Only for who has gone into the chart, and only while it changes something: else the page scrolls. */
on(svg, "wheel", e => {
  if (document.activeElement !== svg || e.ctrlKey || (e.deltaY > 0 && !zoomed() && !e.deltaX)) return;
  e.preventDefault();
  if (abs(e.deltaX) > abs(e.deltaY)) pan(Math.sign(e.deltaX) * .1); else scale(inside(time(e)), e.deltaY > 0 ? 1.25 : .8);
}, { passive: false });
svg.style.cursor = "crosshair";
