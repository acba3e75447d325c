/* What stood at a moment: told to who points at it. */
let spot = null;
const nearest = (c, t) => { const i = Math.min(c.n - 1, found(c.t, t)); return i > 0 && t - c.t[i - 1] < c.t[i] - t ? i - 1 : i; };
const mib = v => (Math.abs(v) < 10 ? v.toFixed(2) : v.toFixed(1)) + " MiB";
function tell(t) {
  cursor.replaceChildren();
  spot = t;
  if (t === null) { told.textContent = ""; return; }
  const main = D.curves.find(c => c.on && c.n) || D.curves[0];
  if (!main || !main.n) return;
  const at = main.t[nearest(main, t)], lines = [];
  cursor.append(make("path", { d: `M${px(at)} ${Y}V${low}`, stroke: "#656d76", fill: "none" }));
  for (const c of D.curves) {
    if (!c.on || !c.n || at < c.t[0] - .0005 || at > c.t[c.n - 1] + .0005) continue;
    const k = found(c.t, at);
    if (c.gaps.has(k) && at > c.t[k - 1] + .0005 && at < c.t[k] - .0005) continue;
    const i = nearest(c, at);
    cursor.append(make("circle", { cx: px(c.t[i]), cy: py(c.v[i], c.below ? below : left), r: 3.5, fill: inks[c.i] }));
    lines.push([c.v[i], c.name + " " + mib(c.v[i])]);
  }
  const many = lines.length > 8 ? lines.sort((a, b) => b[0] - a[0]).slice(0, 8) : lines;
  let words = at.toFixed(3) + " s: " + many.map(l => l[1]).join(" · ") + (lines.length > 8 ? ` and ${lines.length - 8} more` : "");
  if (D.steps) {
    const wide = (to - from) / W * 3;
    const near = D.steps.filter(s => Math.abs(s[0] - at) <= wide).sort((a, b) => b[1] - a[1])[0];
    if (near) words += ` — ${near[2]} grew by ${mib(near[1])} at ${near[0].toFixed(3)} s`;
  }
  told.textContent = words;
}
const time = e => {
  const r = svg.getBoundingClientRect();
  return from + ((e.clientX - r.left) * svg.viewBox.baseVal.width / r.width - X) / W * (to - from);
};
const inside = t => Math.min(to, Math.max(from, t));
let down = null, box = null;
svg.addEventListener("pointermove", e => {
  tell(inside(time(e)));
  if (down === null) return;
  const a = px(inside(down)), b = px(inside(time(e)));
  if (!box) { box = make("rect", { y: Y, height: low - Y, fill: "#0b5394", "fill-opacity": .15 }); svg.append(box); }
  box.setAttribute("x", Math.min(a, b)); box.setAttribute("width", Math.abs(a - b));
});
svg.addEventListener("pointerleave", () => { if (down === null) tell(null); });
svg.addEventListener("pointerdown", e => {
  const t = time(e);
  if (e.button === 0 && t >= from && t <= to) { down = t; svg.focus({ preventScroll: true }); e.preventDefault(); }
});
addEventListener("pointerup", e => {
  if (down === null) return;
  const a = inside(down), b = inside(time(e));
  down = null;
  if (box) { box.remove(); box = null; }
  if (Math.abs(px(a) - px(b)) > 4) show(Math.min(a, b), Math.max(a, b));
});
const all = () => { from = full[0]; to = full[1]; draw(); };
svg.addEventListener("dblclick", all);
svg.addEventListener("wheel", e => {
  if (document.activeElement !== svg) return;
  e.preventDefault();
  const t = inside(time(e)), by = e.deltaY > 0 ? 1.25 : .8;
  by > 1 && (to - from) * by >= full[1] - full[0] ? all() : show(t - (t - from) * by, t + (to - t) * by);
}, { passive: false });
const keys = {
  ArrowLeft: e => step(e.shiftKey ? -20 : -1), ArrowRight: e => step(e.shiftKey ? 20 : 1),
  "+": () => near(.5), "-": () => near(2), Escape: all, Home: () => tell(from), End: () => tell(to),
};
function step(n) {
  const c = D.curves.find(c => c.on && c.n);
  if (!c) return;
  const i = spot === null ? found(c.t, from) : nearest(c, spot) + n;
  tell(inside(c.t[Math.max(0, Math.min(c.n - 1, i))]));
}
function near(by) {
  const t = spot === null ? (from + to) / 2 : spot;
  by > 1 && (to - from) * by >= full[1] - full[0] ? all() : show(t - (t - from) * by, t + (to - t) * by);
  tell(inside(t));
}
svg.addEventListener("keydown", e => { if (keys[e.key] && !e.ctrlKey && !e.altKey) { keys[e.key](e); e.preventDefault(); } });
svg.setAttribute("tabindex", "0");
svg.setAttribute("role", "application");
svg.setAttribute("aria-label", document.title + ". Left and right go from sample to sample, plus and minus zoom, Escape shows all.");
svg.style.cursor = "crosshair";
