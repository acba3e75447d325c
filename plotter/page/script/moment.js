/* What stood at a moment: told to who points at it. */
let spot = null, speech = 0;
const spoken = set(html("p", { className: "spoken" }), { "aria-live": "polite" });
told.removeAttribute("aria-live");
told.after(spoken);
svg.before(told); /* in sight while one points */
const speak = words => { clearTimeout(speech); speech = setTimeout(() => { spoken.textContent = words; }, 300); };
const mib = v => abs(v) >= 10240 ? (v / 1024).toFixed(3) + " GiB" : v.toFixed(abs(v) < 10 ? 2 : 1) + " MiB";
const digits = t => t.toFixed(unit > 1000 ? 6 : 3);
const place = t => digits(t) + " s";
const tellable = c => c.on && !c.trend && !c.edge;
const lead = () => D.curves.find(c => tellable(c) && c.n);
const dot = ink => make("svg", { width: 10, height: 10, "aria-hidden": "true" }, disc(5, 5, 4, ink));
const alsoStanding = [], pointed = []; /* who has more to tell, and who wants to know */
/* The samples that stand there: [ink, words]. */
const standing = at => {
  const list = [];
  let others = 0, most = 0;
  for (const c of D.curves) {
    const i = tellable(c) ? nearest(c, at) : -1, v = c.v[i];
    if (i < 0) continue;
    cursor.append(disc(round(px(c.t[i])), round(py(v, panes[c.pane])), 3.5 * S, c.ink));
    if (c.many) { others++; most = max(most, v); } else list.push([c.ink, c.name + " " + mib(v)]);
  }
  for (const f of alsoStanding) list.push(...f(at));
  if (others) list.push([theme.muted, (others > 1 ? `${others} others, up to ` : "others ") + mib(most)]);
  return list;
};
const tell = (t, aloud) => {
  cursor.replaceChildren();
  told.replaceChildren();
  spot = t;
  if (t !== null) tellOf(t);
  for (const f of pointed) f(t);
  if (t !== null && aloud) speak(told.textContent);
};
const tellOf = t => {
  const c = lead(), i = c ? nearest(c, t) : -1, at = i < 0 ? t : c.t[i];
  if (isSeen(at)) cursor.append(line(across(px(at)), theme.muted));
  const list = standing(at);
  told.append(place(at) + ": ");
  list.forEach(([ink, words], k) => told.append(k ? " · " : "", dot(ink), words));
  if (!list.length) told.append("no samples here");
};
drawn.push(() => tell(spot !== null && isSeen(spot) ? spot : null));
