/* The chart, drawn anew for a part of the time; of the whole the picture itself is shown. */
const still = [...svg.querySelectorAll("g.axis,g.curve,g.band,g.note,g.mark,g.limit")];
const spans = [...svg.querySelectorAll("g.span")];
const moved = make("g", { id: "moved" }), cursor = make("g", { "pointer-events": "none" });
const clips = panes.map((p, k) => make("clipPath", { id: "zoom-clip" + k }));
for (const c of clips) c.append(make("rect", {}));
svg.append(...clips, moved, cursor);
const show = (e, on) => on ? e.removeAttribute("display") : e.setAttribute("display", "none");

/* Laid out anew, for a window that is too narrow for the picture. */
const narrow = () => panes[0].box !== panes[0].own;

/* Whose row of the legend has been switched off. */
const hidden = new Set();
const seen = thing => thing.row === undefined || !hidden.has(thing.row);
const drawn = []; /* what else is to follow */
const draw = () => {
  const whole = !zoomed() && !narrow();
  const of = { curve: D.curves, band: D.bands, note: D.notes };
  for (const c of [...D.curves, ...D.bands]) c.on = seen(c);
  for (const g of still) {
    const [kind] = g.classList, thing = (of[kind] || [])[g.dataset.index];
    show(g, whole && (!thing || seen(thing)));
  }
  panes.forEach((p, k) => { p.range = zoomed() ? highest(k) : p.whole; });
  moved.replaceChildren();
  if (!whole) drawAnew();
  placeSpans(whole);
  for (const f of drawn) f();
};
const drawAnew = () => {
  taken = [];
  panes.forEach((p, k) => {
    const [, y, , height] = p.box, r = clips[k].firstChild;
    for (const [name, v] of [["x", X], ["y", y - 3], ["width", W], ["height", height + 6]]) r.setAttribute(name, v);
  });
  drawTimes();
  panes.forEach(drawMemory);
  for (const [t] of D.marks) if (t >= from && t <= to) moved.append(line(across(px(t)), theme.muted, { "stroke-dasharray": 2 * S }));
  /* A column is narrow, and to be seen. */
  for (const b of D.bands) if (b.on && b.stacked && b.top.n === 2) taken.push([px(b.top.t[0]), py(b.top.v[0], panes[b.pane]), px(b.top.t[1]) - px(b.top.t[0]), bottom()]);
  D.bands.forEach(b => b.on && moved.append(make("path", { d: area(b, panes[b.pane]), fill: b.ink, "fill-opacity": b.stacked ? .75 : .35, "clip-path": `url(#zoom-clip${b.pane})` })));
  [...D.curves].reverse().forEach(c => c.on && drawCurve(c));
  D.limits.forEach(drawLimit);
  D.notes.filter(n => !n.minor).forEach(drawNote);
  [...D.marks].sort((a, b) => b[2] - a[2] || a[0] - b[0]).forEach(drawMark);
  D.notes.filter(n => n.minor).forEach(drawNote);
};
const put = (x, y, anchor, words, size = 12) => moved.append(make("text", { x: round(x), y: round(y), "text-anchor": anchor, "font-size": size * S, fill: theme.muted }, words));
const drawTimes = () => {
  const { name, ticks } = timeTicks(Math.max(2, W / (100 * S))), y = bottom(), axis = narrow() ? y : ground;
  for (const [t, words] of ticks) {
    const x = Math.round(px(t)) + .5;
    moved.append(line(across(x), theme.grid), line(`M${x} ${axis}v${4 * S}`, theme.frame));
    put(x, axis + 18 * S, "middle", words);
  }
  if (axis + 40 * S <= svg.viewBox.baseVal.height) put(X + W / 2, axis + 37 * S, "middle", `time (${name})`, 11);
};
const drawMemory = (p, k) => {
  const [, y, , height] = p.box, { name, ticks } = memoryTicks(p.range, Math.max(2, height / (65 * S)));
  for (const [v, words] of ticks) {
    const level = Math.round(py(v, p)) + .5;
    moved.append(line(`M${X} ${level}h${W}`, theme.grid));
    put(X - 8 * S, level + 4.3 * S, "end", words);
  }
  moved.append(line(`M${X} ${Math.round(y + height) + .5}h${W}`, theme.frame));
  put(18 * S, (k || narrow() ? y : ceiling) - 9 * S, "start", p.title.replace(/\(.*\)/, `(${name})`), 11);
};
const drawCurve = c => {
  const p = panes[c.pane], clip = { "clip-path": `url(#zoom-clip${c.pane})` }, [first, end] = within(c), pieces = columns(c);
  if (c.filled) moved.append(make("path", { d: under(pieces, p), fill: c.ink, "fill-opacity": .12, ...clip }));
  moved.append(line(outline(pieces, p), c.ink, { class: "line", "data-high": p.range[1], "stroke-width": c.width * S, "stroke-linejoin": "round", "stroke-linecap": "round",
    "stroke-opacity": c.many ? .6 : undefined, "stroke-dasharray": c.trend ? 6 * S : undefined, ...clip }));
  if (!c.trend && end - first < W / (12 * S))
    for (let i = first; i < end; i++) moved.append(make("circle", { cx: round(px(c.t[i])), cy: round(py(c.v[i], p)), r: 2.2 * S, fill: c.ink, ...clip }));
};
const drawLimit = l => {
  const p = panes[l.pane], y = round(py(l.at, p));
  if (l.at > p.range[1]) return;
  moved.append(line(`M${X} ${y}h${W}`, l.ink, { "stroke-dasharray": (l.peak ? 4 : 7) * S, "stroke-width": (l.peak ? 1 : 1.4) * S }));
  label(moved, [{ words: l.label, ink: l.ink, bold: true }], (w, h) => [[X + W - w, y - h], [X, y - h], [X + W - w, y + S], [X, y + S]], p);
};
const drawNote = n => {
  const p = panes[0], x = round(px(n.t)), y = round(py(n.v, p)), gap = 7 * S;
  if (n.t < from || n.t > to || !seen(n)) return;
  const lines = [{ words: n.label, size: n.minor ? 11 : 12, bold: !n.minor, ink: n.minor ? theme.ink : n.ink }];
  if (n.place) lines.push({ words: n.place });
  const at = (w, h) => [[x + gap, y - gap - h], [x - gap - w, y - gap - h], [x - w / 2, y - gap - h], [x + gap, y + gap], [x - gap - w, y + gap], [x - w / 2, y + gap]];
  const told = label(moved, lines, at, p);
  if (!told && n.minor) return;
  moved.append(make("circle", { cx: x, cy: y, r: (n.minor ? 3.2 : 5.5) * S, fill: n.minor ? theme.ink : theme.paper }),
    make("circle", { cx: x, cy: y, r: (n.minor ? 1.8 : 4) * S, fill: n.minor ? theme.paper : n.ink }));
};
/* A label that finds no room is left out, never laid over another; the line stays. */
const drawMark = ([t, words, bold]) => {
  if (t < from || t > to) return;
  const x = px(t), [, y] = panes[0].box;
  label(moved, [{ words: shorten(words, W * .3, 11 * S), bold: !!bold }], (w, h) => [0, 1, 2, 3, 4, 5].flatMap(k => [[x + 2 * S, y + 2 * S + k * h], [x - w - 2 * S, y + 2 * S + k * h]]), panes[0]);
};

/* Calls keep their height: what they are in the picture is moved and stretched. */
let ceiling = panes[0].box[1], ground = bottom();
for (const g of spans) {
  g.rects = [...g.querySelectorAll("rect")].map(e => {
    const [x, y, w, h] = ["x", "y", "width", "height"].map(k => +e.getAttribute(k));
    ceiling = Math.min(ceiling, y); ground = Math.max(ground, y + h + 1);
    return { e, x, y, w, h };
  });
  g.edges = [...g.querySelectorAll("path")].map(e => ({ e, x: /^M([\d.]+)/.exec(e.getAttribute("d"))[1] / 10, how: e.getAttribute("transform") }));
  g.words = g.querySelector("text");
  g.text = g.words && g.words.textContent;
  if (g.words) g.x = g.words.getAttribute("x");
}
const wordsOf = g => {
  if (g.words) return g.words;
  const r = g.rects.reduce((a, b) => b.h < a.h ? b : a), size = Math.min(11 * S, r.h * .68);
  g.append(g.words = make("text", { y: round(r.y + r.h / 2 + size * .36), "font-size": size, fill: theme.ink }));
  return g.words;
};
/* The lines where one begins and ends. */
const placeEdges = (g, whole) => g.edges.forEach(({ e, x, how }, k) => {
  const t = D.spans[g.dataset.index][k ? 1 : 0];
  e.setAttribute("transform", whole ? how : `translate(${round(px(t) - x)}) ${how}`);
  show(e, whole || (t >= from && t <= to));
});
const placeSpan = (g, whole) => {
  const [a, b, name] = D.spans[g.dataset.index], x0 = Math.max(X, px(a)), x1 = Math.min(X + W, px(b));
  const out = !whole && (px(b) < X || px(a) > X + W);
  show(g, !out && !narrow());
  placeEdges(g, whole);
  if (out || !g.rects.length) return;
  g.rects.forEach(({ e, x, w }, k) => {
    const edge = k > 0 && k === g.rects.length - 1 && w < 3 * S;
    e.setAttribute("x", whole ? x : round(x0));
    e.setAttribute("width", whole || edge ? w : round(Math.max(x1 - x0 - 1, .75)));
  });
  const fits = x1 - x0 > 32 * S;
  if (!whole && fits) {
    const e = wordsOf(g);
    e.setAttribute("x", round(x0 + 5 * S));
    e.textContent = shorten(name, x1 - x0 - 8 * S, +e.getAttribute("font-size"));
  } else if (g.words) {
    if (g.x) g.words.setAttribute("x", g.x);
    g.words.textContent = (whole && g.text) || "";
  }
};
const placeSpans = whole => spans.forEach(g => placeSpan(g, whole));

/* Shows [a, b], or as much of it as there is. */
const look = (a, b) => {
  const least = Math.max((full[1] - full[0]) / 1e6, 4 / D.unit);
  if (!(b - a >= least)) return;
  const room = full[1] - full[0];
  if (b - a >= room * .9999) [a, b] = full;
  if (a < full[0]) [a, b] = [full[0], Math.min(full[1], full[0] + b - a)];
  if (b > full[1]) [a, b] = [Math.max(full[0], full[1] - b + a), full[1]];
  from = a; to = b;
  draw();
};
const all = () => look(...full);
/* So many times as much, about a moment that stays where it is. */
const scale = (t, by) => look(t - (t - from) * by, t + (to - t) * by);
const pan = part => look(from + part * (to - from), to + part * (to - from));
