/* The chart, drawn anew for a part of the time; of the whole the picture itself is shown. */
const still = every(svg, "g.axis,g.curve,g.band,g.note,g.mark,g.limit");
const moved = make("g", { id: "moved" }), cursor = make("g", { "pointer-events": "none" });
const clips = panes.map((p, k) => make("clipPath", { id: "zoom-clip" + k }, make("rect")));
svg.append(...clips, moved, cursor);

/* Laid out anew, for a window that is too narrow for the picture. */
const narrow = () => panes[0].box !== panes[0].own;
const whole = () => !zoomed() && !narrow();

/* Whose row of the legend has been switched off. */
const hidden = new Set();
const owners = k => [...D.curves, ...D.bands].some(c => c.row === k);
const seen = thing => thing.row === undefined || !hidden.has(thing.row);
const beneath = [], drawn = []; /* what else is drawn: under the curves, and whenever something has changed */
const draw = () => {
  const of = { curve: D.curves, band: D.bands, note: D.notes };
  for (const c of [...D.curves, ...D.bands]) c.on = seen(c);
  for (const g of still) {
    const thing = (of[g.classList[0]] || [])[g.dataset.index];
    show(g, whole() && (!thing || seen(thing)));
  }
  panes.forEach((p, k) => { p.range = zoomed() ? highest(k) : p.whole; });
  moved.replaceChildren();
  if (!whole()) drawAnew();
  for (const f of drawn) f();
};
const drawAnew = () => {
  taken = [];
  panes.forEach(({ box: [, y, , height] }, k) => set(clips[k].firstChild, { x: X, y: y - 3, width: W, height: height + 6 }));
  drawTimes();
  panes.forEach(drawMemory);
  for (const [t] of D.marks) if (isSeen(t)) moved.append(line(across(px(t)), theme.muted, { "stroke-dasharray": 2 * S }));
  for (const f of beneath) f();
  [...D.curves].reverse().forEach(c => c.on && drawCurve(c));
  D.limits.forEach(drawLimit);
  D.notes.filter(n => !n.minor).forEach(drawNote);
  [...D.marks].sort((a, b) => b[2] - a[2] || a[0] - b[0]).forEach(drawMark);
  D.notes.filter(n => n.minor).forEach(drawNote);
};
/* Between what the axes stand: calls lie above the panes, or below. */
let ceiling = panes[0].box[1], ground = bottom();
const put = (x, y, anchor, words, size = 12) => moved.append(make("text", { x: round(x), y: round(y), "text-anchor": anchor, "font-size": size * S, fill: theme.muted }, words));
const drawTimes = () => {
  const [name, ticks] = timeTicks(max(2, W / (100 * S))), axis = narrow() ? bottom() : ground;
  for (const [t, words] of ticks) {
    const x = toWhole(px(t)) + .5;
    moved.append(line(across(x), theme.grid), line(`M${x} ${axis}v${4 * S}`, theme.frame));
    put(x, axis + 18 * S, "middle", words);
  }
  if (axis + 40 * S <= svg.viewBox.baseVal.height) put(X + W / 2, axis + 37 * S, "middle", `time (${name})`, 11);
};
const drawMemory = (p, k) => {
  const [, y, , height] = p.box, [name, ticks] = memoryTicks(p.range, max(2, height / (65 * S)));
  for (const [v, words] of ticks) {
    const level = toWhole(py(v, p)) + .5;
    moved.append(line(`M${X} ${level}h${W}`, theme.grid));
    put(X - 8 * S, level + 4.3 * S, "end", words);
  }
  moved.append(line(`M${X} ${toWhole(y + height) + .5}h${W}`, theme.frame));
  put(18 * S, (k || narrow() ? y : ceiling) - 9 * S, "start", p.title.replace(/\(.*\)/, `(${name})`), 11);
};
const drawCurve = c => {
  const p = panes[c.pane], cut = { "clip-path": clip(c.pane) }, [first, end] = within(c), pieces = columns(c);
  if (c.filled) moved.append(shape(under(pieces, p), c.ink, { "fill-opacity": .12, ...cut }));
  moved.append(line(outline(pieces, p), c.ink, { class: "line", "data-high": p.range[1], "stroke-width": c.width * S, "stroke-linejoin": "round", "stroke-linecap": "round",
    "stroke-opacity": c.many ? .6 : undefined, "stroke-dasharray": c.trend ? 6 * S : undefined, ...cut }));
  if (!c.trend && end - first < W / (12 * S))
    for (let i = first; i < end; i++) moved.append(disc(round(px(c.t[i])), round(py(c.v[i], p)), 2.2 * S, c.ink, cut));
};
const drawLimit = l => {
  const p = panes[l.pane], y = round(py(l.at, p));
  if (l.at > p.range[1]) return;
  moved.append(line(`M${X} ${y}h${W}`, l.ink, { "stroke-dasharray": (l.peak ? 4 : 7) * S, "stroke-width": (l.peak ? 1 : 1.4) * S }));
  label([{ words: l.label, ink: l.ink, bold: true }], (w, h) => [y - h, y + S].flatMap(y => [[X + W - w, y], [X, y]]), p);
};
const drawNote = n => {
  const { paper, ink } = theme, x = round(px(n.t)), y = round(py(n.v, panes[0])), gap = 7 * S;
  if (!isSeen(n.t) || !seen(n)) return;
  const lines = [{ words: n.label, size: n.minor ? 11 : 12, bold: !n.minor, ink: n.minor ? ink : n.ink }];
  if (n.place) lines.push({ words: n.place });
  const told = label(lines, (w, h) => [y - gap - h, y + gap].flatMap(y => [x + gap, x - gap - w, x - w / 2].map(x => [x, y])), panes[0]);
  if (n.minor && told) moved.append(disc(x, y, 3.2 * S, ink), disc(x, y, 1.8 * S, paper));
  if (!n.minor) moved.append(disc(x, y, 5.5 * S, paper), disc(x, y, 4 * S, n.ink));
};
/* A label that finds no room is left out, never laid over another; the line stays. */
const drawMark = ([t, words, bold]) => {
  const x = px(t), [, y] = panes[0].box;
  if (isSeen(t)) label([{ words: shorten(words, W * .3, 11 * S), bold }], (w, h) => [0, 1, 2, 3, 4, 5].flatMap(k => [x + 2 * S, x - w - 2 * S].map(x => [x, y + 2 * S + k * h])), panes[0]);
};

/* Shows [a, b], or as much of it as there is. */
const look = (a, b) => {
  const room = full[1] - full[0];
  if (!(b - a >= max(room / 1e6, 4 / unit))) return;
  if (b - a >= room * .9999) [a, b] = full;
  if (a < full[0]) [a, b] = [full[0], min(full[1], full[0] + b - a)];
  if (b > full[1]) [a, b] = [max(full[0], full[1] - b + a), full[1]];
  from = a; to = b;
  draw();
};
const all = () => look(...full);
/* As much as now, about another moment. */
const goTo = t => look(t - (to - from) / 2, t + (to - from) / 2);
/* So many times as much, about a moment that stays where it is. */
const scale = (t, by) => look(t - (t - from) * by, t + (to - t) * by);
const pan = part => look(from + part * (to - from), to + part * (to - from));
