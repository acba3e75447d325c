"use strict";(async () => {
const $ = q => document.querySelector(q), svg = $("#chart"), told = $("#told"), D = JSON.parse($("#data").textContent);
const NS = "http://www.w3.org/2000/svg", [X, Y, W, H] = D.plot;

/* ---- the points ---- */
const packed = Uint8Array.from(atob(D.points), c => c.charCodeAt(0));
const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
const bytes = D.points ? new Uint8Array(await new Response(stream).arrayBuffer()) : packed;
let next = 0;
const number = () => {
  let scale = 1, n = 0, b;
  do { b = bytes[next++]; n += (b & 127) * scale; scale *= 128; } while (b & 128);
  return n % 2 ? -(n + 1) / 2 : n / 2;
};
const column = (n, unit) => {
  const values = new Float64Array(n);
  for (let i = 0, sum = 0; i < n; i++) values[i] = (sum += number()) / unit;
  return values;
};
for (const c of D.curves) { c.t = column(c.n, 1000); c.v = column(c.n, 1024); c.on = true; }

/* ---- what is shown ---- */
const full = D.x;
const above = [Y, H], beneath = D.pane && [D.pane[1], D.pane[3]], low = D.pane ? D.pane[1] + D.pane[3] : Y + H;
const scale = (range, pane) => range && { low: range[0], high: range[1], y: pane[0], h: pane[1] };
let from = full[0], to = full[1], left = scale(D.y, above), below = scale(D.below, beneath);
const px = t => X + (t - from) / (to - from) * W;
const py = (v, axis) => axis.y + axis.h - (v - axis.low) / (axis.high - axis.low) * axis.h;
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
    if (x !== at) {
      if (at !== null) close();
      d += (at === null ? "M" : "L") + x + " " + py(v, axis).toFixed(1);
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
    moved.append(make("path", { d: `M${px(t)} ${Y}V${low}`, stroke: grid, fill: "none" }));
    text(px(t), low + 18, "middle", t.toFixed(decimals) + " s");
  }
  for (const axis of [left, below].filter(Boolean)) {
    const [levels, places] = ticks(0, axis.high, axis === below || below ? 4 : 6);
    for (const v of levels) {
      moved.append(make("path", { d: `M${X} ${py(v, axis)}h${W}`, stroke: grid, fill: "none" }));
      text(X - 8, py(v, axis) + 4, "end", v.toFixed(places));
    }
    text(18, axis.y - 9, "start", (axis === below && D.curves.every(c => c.gpu || !c.below) ? "GPU memory" : "memory") + " (MiB)");
  }
  for (const [t, label] of D.marks) {
    if (t < from || t > to) continue;
    moved.append(make("path", { d: `M${px(t)} ${Y}V${low}`, stroke: muted, "stroke-dasharray": "3", fill: "none" }));
    text(px(t) + 3, Y + 12, "start", label);
  }
  for (const c of [...D.curves].reverse())
    if (c.on) moved.append(make("path", { d: outline(c, c.below ? below : left), stroke: inks[c.i], "stroke-width": c.width, fill: "none", "stroke-linejoin": "round", "clip-path": c.below ? "url(#zoom-clip-below)" : "url(#zoom-clip)" }));
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

/* ---- what stands at a moment ---- */
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

/* ---- the legend ---- */
for (const g of svg.querySelectorAll("g.row")) {
  const mine = D.curves.filter(c => c.row == g.dataset.index);
  if (!mine.length) continue;
  g.setAttribute("role", "button");
  g.setAttribute("tabindex", "0");
  g.setAttribute("aria-pressed", "true");
  const toggle = e => {
    if (e.altKey) for (const c of D.curves) c.on = mine.includes(c);
    else for (const c of mine) c.on = !c.on;
    for (const r of svg.querySelectorAll("g.row[role]")) {
      const on = D.curves.some(c => c.row == r.dataset.index && c.on);
      r.classList.toggle("off", !on);
      r.setAttribute("aria-pressed", on);
    }
    draw(); tell(spot);
  };
  g.addEventListener("click", toggle);
  g.addEventListener("keydown", e => { if (e.key === "Enter" || e.key === " ") { toggle(e); e.preventDefault(); e.stopPropagation(); } });
}

/* ---- tools, tables ---- */
const tools = document.createElement("div");
tools.id = "tools";
const button = (words, work) => { const b = document.createElement("button"); b.type = "button"; b.textContent = words; b.addEventListener("click", work); tools.append(b); };
const save = (name, type, content) => {
  const a = document.createElement("a");
  a.href = URL.createObjectURL(new Blob([content], { type }));
  a.download = name;
  a.click();
  setTimeout(() => URL.revokeObjectURL(a.href), 1000);
};
button("show all", all);
button("save SVG", () => { cursor.replaceChildren(); save("mprof-c.svg", "image/svg+xml", new XMLSerializer().serializeToString(svg)); });
button("save CSV", () => {
  const quoted = s => '"' + s.replace(/"/g, '""') + '"';
  let text = "series,seconds,MiB\n";
  for (const c of D.curves) for (let i = found(c.t, from); i < c.n && c.t[i] <= to; i++) text += quoted(c.name) + "," + c.t[i].toFixed(3) + "," + c.v[i].toFixed(3) + "\n";
  save("mprof-c.csv", "text/csv", text);
});
$("figure").before(tools);
for (const table of document.querySelectorAll("table"))
  table.querySelectorAll("th").forEach((th, k) => {
    const b = document.createElement("button");
    b.type = "button"; b.textContent = th.textContent; th.replaceChildren(b);
    let up = th.classList.contains("figure");
    b.addEventListener("click", () => {
      const body = table.tBodies[0], value = r => r.cells[k] ? r.cells[k].textContent : "";
      const rows = [...body.rows].sort((a, c) => th.classList.contains("figure") ? parseFloat(value(c)) - parseFloat(value(a)) : value(a).localeCompare(value(c)));
      body.append(...(up ? rows : rows.reverse()));
      for (const o of table.querySelectorAll("th")) o.removeAttribute("aria-sort");
      th.setAttribute("aria-sort", up === th.classList.contains("figure") ? "descending" : "ascending");
      up = !up;
    });
  });
for (const row of document.querySelectorAll("tr[data-from]"))
  row.addEventListener("click", () => { show(+row.dataset.from, Math.max(+row.dataset.to, +row.dataset.from + .01)); svg.scrollIntoView({ block: "nearest" }); });
const wanted = /^#t=([\d.]+),([\d.]+)$/.exec(location.hash);
if (wanted) show(+wanted[1], +wanted[2]);
document.body.dataset.ready = "1";
})();
