/* What stood at a moment: told to who points at it. */
let spot = null;
told.dataset.hint = "Point at the chart: what was held then. Drag over a part: a closer look.";
const digits = t => t.toFixed(unit > 1000 ? 6 : 3);
const place = t => digits(t) + " s";
const tellable = c => c.on && !c.trend && !c.edge;
const lead = () => D.curves.find(c => tellable(c) && c.n);
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
  tellEach(place(at), standing(at));
};
drawn.push(() => tell(spot !== null && isSeen(spot) ? spot : null));
