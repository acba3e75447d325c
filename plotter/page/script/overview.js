/* A strip under the chart: all of the time, and the part that is shown as a box to be dragged. */
const strip = make("svg", { id: "overview", height: 46 * S, "aria-hidden": "true" }), tall = 46 * S;
const sketch = make("g", {}), shade = [make("rect", {}), make("rect", {})], frame = make("rect", { fill: "none", stroke: theme.main, "stroke-width": 1.5 * S }), ends = [make("rect", {}), make("rect", {})];
for (const e of shade) e.setAttribute("fill", theme.paper), e.setAttribute("fill-opacity", .7);
for (const e of ends) e.setAttribute("fill", theme.main), e.style.cursor = "ew-resize";
strip.append(make("rect", { width: "100%", height: "100%", fill: theme.paper }), sketch, ...shade, frame, ...ends);
const along = t => X + (t - full[0]) / (full[1] - full[0]) * W;
/* Each pane's curves by their own height; made of all of the time. */
const drawSketch = () => {
  const [a, b] = [from, to];
  sketch.replaceChildren();
  [from, to] = full;
  panes.forEach((p, k) => {
    const flat = { box: [X, 3, W, tall - 6], range: highest(k) };
    for (const c of D.curves) if (c.pane === k && c.on && !c.trend) sketch.append(line(outline(columns(c), flat), c.ink, { "stroke-width": S, "stroke-opacity": k ? .6 : undefined }));
  });
  sketch.append(line(`M${X} ${tall - 1}h${W}`, theme.frame));
  [from, to] = [a, b];
};
const set = (e, x, width, y = 0, height = tall) => { for (const [k, v] of Object.entries({ x, y, width: Math.max(0, width), height })) e.setAttribute(k, round(v)); };
let known = "";
const drawOverview = () => {
  const now = [X, W, ...hidden].join();
  if (now !== known) { strip.setAttribute("viewBox", `0 0 ${svg.viewBox.baseVal.width} ${tall}`); strip.setAttribute("width", svg.getAttribute("width")); drawSketch(); }
  known = now;
  const a = along(from), b = along(to);
  set(shade[0], X, a - X); set(shade[1], b, X + W - b);
  set(frame, a, b - a, 1, tall - 2);
  set(ends[0], a - 3 * S, 6 * S, tall / 4, tall / 2); set(ends[1], b - 3 * S, 6 * S, tall / 4, tall / 2);
};
drawn.push(drawOverview);
const moment = e => {
  const r = strip.getBoundingClientRect();
  return full[0] + ((e.clientX - r.left) * strip.viewBox.baseVal.width / r.width - X) / W * (full[1] - full[0]);
};
let grip = null;
strip.addEventListener("pointerdown", e => {
  const t = moment(e), near = 8 * S / W * (full[1] - full[0]), [l, r] = [Math.abs(t - from), Math.abs(t - to)];
  if (e.button !== 0) return;
  e.preventDefault();
  if (Math.min(l, r) < near) grip = { end: l < r ? 0 : 1 };
  else if (zoomed() && t > from && t < to) grip = { t, from, to };
  else if (zoomed()) { look(t - (to - from) / 2, t + (to - from) / 2); grip = { t, from, to }; }
  else grip = { fresh: t };
  try { strip.setPointerCapture(e.pointerId); } catch { /* of a pointer that has gone */ }
});
strip.addEventListener("pointermove", e => {
  if (!grip) return;
  const t = moment(e);
  if (grip.fresh !== undefined) look(Math.min(t, grip.fresh), Math.max(t, grip.fresh));
  else if (grip.end === 0) look(Math.max(full[0], Math.min(t, to)), to);
  else if (grip.end === 1) look(from, Math.min(full[1], Math.max(t, from)));
  else look(grip.from + t - grip.t, grip.to + t - grip.t);
});
for (const name of ["pointerup", "pointercancel"]) strip.addEventListener(name, () => { grip = null; });
strip.addEventListener("dblclick", all);
svg.after(strip);
strip.after(legend);
