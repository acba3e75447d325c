/* Areas: their edges, how they are drawn, and how thick they are at a moment. */
for (const b of D.bands) {
  read(b);
  const { t, v, n, upper } = b;
  b.top = { t: t.slice(0, upper), v: v.slice(0, upper), n: upper };
  b.floor = b.floor !== undefined ? D.curves[b.floor] : { t: t.slice(upper).reverse(), v: v.slice(upper).reverse(), n: n - upper };
}
const area = (b, p) => {
  const edge = (c, k) => columns(c).flat().map(o => o[0] + " " + round(py(o[k], p)));
  const exact = c => Array.from(c.t, (t, i) => round(px(t)) + " " + round(py(c.v[i], p))).slice(...within(c));
  const few = b.top.n < 2000, corners = [...few ? exact(b.top) : edge(b.top, 3), ...(few ? exact(b.floor) : edge(b.floor, 2)).reverse()];
  return corners.length ? "M" + corners.join("L") + "Z" : "";
};
beneath.push(() => D.bands.forEach(b => {
  const { t, v, n } = b.top, p = panes[b.pane];
  if (!b.on) return;
  /* A column is narrow, and to be seen. */
  if (b.stacked && n === 2) taken.push([px(t[0]), py(v[0], p), px(t[1]) - px(t[0]), bottom()]);
  moved.append(shape(area(b, p), b.ink, { "fill-opacity": b.stacked ? .75 : .35, "clip-path": clip(b.pane) }));
}));
alsoStanding.push(at => D.bands.flatMap(b => {
  const top = b.on ? between(b.top, at) : null, low = between(b.floor, at);
  if (top === null || low === null || !b.name) return [];
  return [[b.ink, b.name + (!b.stacked && b.top.n !== b.floor.n ? " up to " + mib(top) : " " + mib(top - low))]];
}));
