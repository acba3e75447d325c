/* What stood at a moment: told to who points at it. */
let spot = null;
const spoken = document.createElement("p");
spoken.className = "spoken";
spoken.setAttribute("aria-live", "polite");
told.removeAttribute("aria-live");
told.after(spoken);
svg.before(told); /* in sight while one points */
let speech = 0;
const speak = words => { clearTimeout(speech); speech = setTimeout(() => { spoken.textContent = words; }, 300); };
const mib = v => Math.abs(v) >= 10240 ? (v / 1024).toFixed(3) + " GiB" : v.toFixed(Math.abs(v) < 10 ? 2 : 1) + " MiB";
const place = t => t.toFixed(D.unit > 1000 ? 6 : 3) + " s";
const lead = () => D.curves.find(c => c.on && c.n && !c.trend && !c.edge);
const dot = ink => { const s = make("svg", { width: 10, height: 10, "aria-hidden": "true" }); s.append(make("circle", { cx: 5, cy: 5, r: 4, fill: ink })); return s; };
/* The samples that stand there, and how thick areas are: [what, ink, words]. */
const standing = at => {
  const list = [];
  let others = 0, most = 0;
  for (const c of D.curves) {
    const i = c.on && !c.trend && !c.edge ? nearest(c, at) : -1;
    if (i < 0) continue;
    cursor.append(make("circle", { cx: round(px(c.t[i])), cy: round(py(c.v[i], panes[c.pane])), r: 3.5 * S, fill: c.ink }));
    if (c.many) { others++; most = Math.max(most, c.v[i]); } else list.push([c.name, c.ink, c.name + " " + mib(c.v[i])]);
  }
  for (const b of D.bands) {
    const top = b.on ? between(b.top, at) : null, low = between(b.floor, at);
    if (top === null || low === null || !b.name) continue;
    list.push([b.name, b.ink, !b.stacked && b.top.n !== b.floor.n ? `${b.name} up to ${mib(top)}` : b.name + " " + mib(top - low)]);
  }
  if (others) list.push(["", theme.muted, (others > 1 ? `${others} others, up to ` : "others ") + mib(most)]);
  return list;
};
/* The largest step that is seen there, or that led to the sample there. */
const growing = t => {
  const c = lead(), i = c ? nearest(c, t) : -1, wide = (to - from) / W * 3, steps = D.steps;
  const last = Math.max(t + wide, i < 0 ? t : c.t[i]), first = Math.min(t - wide, i > 0 ? c.t[i - 1] : t);
  let low = 0, most = null;
  for (let high = steps.length; low < high;) { const m = (low + high) >> 1; if (steps[m][0] < first) low = m + 1; else high = m; }
  for (; low < steps.length && steps[low][0] <= last; low++) if (!most || steps[low][1] > most[1]) most = steps[low];
  return most;
};
const tell = (t, aloud) => {
  cursor.replaceChildren();
  told.replaceChildren();
  spot = t;
  for (const f of pointed) f(t);
  if (t === null) return;
  const c = lead(), i = c ? nearest(c, t) : -1, at = i < 0 ? t : c.t[i];
  if (at >= from && at <= to) cursor.append(line(across(px(at)), theme.muted));
  const list = standing(at), step = growing(t);
  told.append(place(at) + ": ");
  list.forEach(([, ink, words], k) => told.append(k ? " · " : "", dot(ink), words));
  if (!list.length) told.append("no samples here");
  if (step) told.append(` — ${step[2]} grew by ${mib(step[1])} at ${place(step[0])}`);
  if (aloud) speak(told.textContent);
};
const pointed = []; /* who else wants to know */
drawn.push(() => tell(spot !== null && spot >= from && spot <= to ? spot : null));
