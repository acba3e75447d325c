/* What is shown of the chart, and how. */
const full = D.x;
const above = [Y, H], beneath = D.pane && [D.pane[1], D.pane[3]], low = D.pane ? D.pane[1] + D.pane[3] : Y + H;
const scale = (range, pane) => range && { low: range[0], high: range[1], y: pane[0], h: pane[1] };
let from = full[0], to = full[1], left = scale(D.y, above), below = scale(D.below, beneath);
const px = t => X + (t - from) / (to - from) * W;
const py = (v, axis) => axis.y + axis.h - (v - axis.low) / (axis.high - axis.low) * axis.h;
/* A line through both panes. */
const across = x => `M${x} ${Y}v${H}` + (beneath ? `M${x} ${beneath[0]}v${beneath[1]}` : "");
const found = (list, t) => {
  let low = 0, high = list.length;
  while (low < high) { const m = (low + high) >> 1; if (list[m] < t) low = m + 1; else high = m; }
  return low;
};
const make = (name, attributes, text) => {
  const e = document.createElementNS(NS, name);
  for (const k in attributes) e.setAttribute(k, attributes[k]);
  if (text !== undefined) e.textContent = text;
  return e;
};
const still = [...svg.querySelectorAll("g.axis,g.curve,g.band,g.note,g.mark,g.limit,g.span")];
const moved = make("g", {}), cursor = make("g", { "pointer-events": "none" });
svg.append(moved, cursor);
const inks = {};
for (const c of D.curves) {
  const path = svg.querySelector(`g.curve[data-index="${c.i}"] path[stroke]:last-of-type`) || svg.querySelector(`g.curve[data-index="${c.i}"] path[stroke]`);
  inks[c.i] = path ? path.getAttribute("stroke") : "#656d76";
  c.width = path ? path.getAttribute("stroke-width") / 10 : 1;
}
const ticks = (low, high, n) => {
  const raw = (high - low) / n, base = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map(k => k * base).find(k => k >= raw), all = [];
  for (let v = Math.ceil(low / step) * step; v <= high + step / 1e6; v += step) all.push(v);
  return [all, Math.max(0, -Math.floor(Math.log10(step) + 1e-9))];
};
/* Of each column of pixels the first, the lowest, the highest and the last. */
const outline = (c, axis) => {
  const first = Math.max(0, found(c.t, from) - 1), end = Math.min(c.n, found(c.t, to) + 1);
  let d = "", at = null, low, high, last;
  const close = () => { if (low < high) d += "V" + py(low, axis).toFixed(1) + "V" + py(high, axis).toFixed(1); d += "V" + py(last, axis).toFixed(1); };
  for (let i = first; i < end; i++) {
    const x = Math.round(px(c.t[i]) * 2) / 2, v = c.v[i];
    const gap = c.gaps.has(i);
    if (x !== at || gap) {
      if (at !== null) close();
      d += (at === null || gap ? "M" : "L") + x + " " + py(v, axis).toFixed(1);
      at = x; low = high = v;
    } else { low = Math.min(low, v); high = Math.max(high, v); }
    last = v;
  }
  if (at !== null) close();
  return d;
};
const highest = beneath => {
  let most = 0;
  for (const c of D.curves) {
    if (!c.on || !!c.below !== beneath) continue;
    for (let i = Math.max(0, found(c.t, from) - 1), end = Math.min(c.n, found(c.t, to) + 1); i < end; i++) most = Math.max(most, c.v[i]);
  }
  return [0, most > 0 ? most * 1.08 : 1];
};
const zoomed = () => from > full[0] || to < full[1];
function draw() {
  const whole = !zoomed();
  for (const g of still) {
    const hidden = !whole || (g.classList.contains("curve") && D.curves.some(c => c.i == g.dataset.index && !c.on));
    hidden ? g.setAttribute("display", "none") : g.removeAttribute("display");
  }
  moved.replaceChildren();
  left = scale(whole ? D.y : highest(false), above); below = scale(whole ? D.below : D.below && highest(true), beneath);
  if (!whole) drawZoomed();
  location.hash || !whole ? history.replaceState(null, "", whole ? location.pathname + location.search : "#t=" + from.toFixed(3) + "," + to.toFixed(3)) : 0;
}
function drawZoomed() {
  const muted = "#656d76", grid = "#e6e9ed";
  const text = (x, y, anchor, words) => moved.append(make("text", { x, y, "text-anchor": anchor, "font-size": 12, fill: muted }, words));
  const [times, decimals] = ticks(from, to, 10);
  for (const t of times) {
    moved.append(make("path", { d: across(px(t)), stroke: grid, fill: "none" }));
    text(px(t), low + 18, "middle", t.toFixed(decimals) + " s");
  }
  for (const axis of [left, below].filter(Boolean)) {
    const [levels, places] = ticks(0, axis.high, below ? 4 : 6);
    for (const v of levels) {
      moved.append(make("path", { d: `M${X} ${py(v, axis)}h${W}`, stroke: grid, fill: "none" }));
      text(X - 8, py(v, axis) + 4, "end", v.toFixed(places));
    }
    text(18, axis.y - 9, "start", (axis === below && D.curves.every(c => c.gpu || !c.below) ? "GPU memory" : "memory") + " (MiB)");
  }
  for (const [t, label] of D.marks) {
    if (t < from || t > to) continue;
    moved.append(make("path", { d: across(px(t)), stroke: muted, "stroke-dasharray": "3", fill: "none" }));
    text(px(t) + 3, Y + 12, "start", label);
  }
  for (const c of [...D.curves].reverse())
    if (c.on) moved.append(make("path", { d: outline(c, c.below ? below : left), stroke: inks[c.i], "stroke-width": c.width, fill: "none", "stroke-linejoin": "round", "stroke-linecap": "round", "clip-path": c.below ? "url(#zoom-clip-below)" : "url(#zoom-clip)" }));
}
for (const [id, pane] of [["zoom-clip", above], ["zoom-clip-below", beneath]]) {
  if (!pane) continue;
  const clip = make("clipPath", { id });
  clip.append(make("rect", { x: X, y: pane[0], width: W, height: pane[1] }));
  svg.append(clip);
}
function show(a, b) {
  const least = Math.max((full[1] - full[0]) / 1e6, .002);
  a = Math.max(full[0], a); b = Math.min(full[1], b);
  if (b - a < least) return;
  from = a; to = b; draw();
}
