/* A strip under the chart: all of the time, and the part that is shown as a box to be dragged. */
const tall = 46 * S, strip = make("svg", { id: "overview", height: tall, "aria-hidden": "true" }), room = full[1] - full[0];
const twice = attributes => [0, 1].map(() => make("rect", attributes));
const sketch = make("g"), shades = twice({ fill: theme.paper, "fill-opacity": .7 }), ends = twice({ fill: theme.main, style: "cursor:ew-resize" });
const frame = make("rect", { fill: "none", stroke: theme.main, "stroke-width": 1.5 * S });
strip.append(make("rect", { width: "100%", height: "100%", fill: theme.paper }), sketch, ...shades, frame, ...ends);
/* Each pane's curves by their own height; made of all of the time. */
const drawSketch = () => {
  const [a, b] = [from, to];
  [from, to] = full;
  sketch.replaceChildren(...panes.flatMap((p, k) => {
    const flat = { box: [X, 3, W, tall - 6], range: highest(k) };
    return D.curves.filter(c => c.pane === k && c.on && !c.trend).map(c => line(outline(columns(c), flat), c.ink, { "stroke-width": S, "stroke-opacity": k ? .6 : undefined }));
  }), line(`M${X} ${tall - 1}h${W}`, theme.frame));
  [from, to] = [a, b];
};
const span = (e, x, width, y = 0, height = tall) => set(e, { x: round(x), width: round(max(0, width)), y, height });
let known = "";
drawn.push(() => {
  const now = [X, W, ...hidden].join(), a = X + (from - full[0]) / room * W, b = X + (to - full[0]) / room * W;
  if (now !== known) {
    set(strip, { viewBox: `0 0 ${svg.viewBox.baseVal.width} ${tall}`, width: get(svg, "width") });
    drawSketch();
  }
  known = now;
  span(shades[0], X, a - X); span(shades[1], b, X + W - b);
  span(frame, a, b - a, 1, tall - 2);
  [a, b].forEach((x, k) => span(ends[k], x - 3 * S, 6 * S, tall / 4, tall / 2));
});
const moment = e => momentOf(e, strip, ...full);
let grip = null;
on(strip, "pointerdown", e => {
  const t = moment(e), near = 8 * S / W * room, [l, r] = [abs(t - from), abs(t - to)];
  if (e.button !== 0) return;
  e.preventDefault();
  if (min(l, r) < near) grip = { end: l < r ? 0 : 1 };
  else if (zoomed()) {
    if (!isSeen(t)) goTo(t);
    grip = { t, from, to };
  } else grip = { fresh: t };
  try { strip.setPointerCapture(e.pointerId); } catch { /* of a pointer that has gone */ }
});
on(strip, "pointermove", e => {
  if (!grip) return;
  const t = moment(e);
  if (grip.fresh !== undefined) look(min(t, grip.fresh), max(t, grip.fresh));
  else if (grip.end === 0) look(max(full[0], min(t, to)), to);
  else if (grip.end === 1) look(from, min(full[1], max(t, from)));
  else look(grip.from + t - grip.t, grip.to + t - grip.t);
});
for (const name of ["pointerup", "pointercancel"]) on(strip, name, () => { grip = null; });
on(strip, "dblclick", all);
svg.after(strip);
