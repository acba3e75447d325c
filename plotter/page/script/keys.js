/* The chart by its keys, which a list tells of. */
const step = n => {
  const c = lead();
  if (!c) return;
  const at = spot === null ? -1 : nearest(c, spot), start = at < 0 ? found(c.t, spot === null ? from : spot) - (n > 0 ? 1 : 0) : at;
  let i = max(0, min(c.n - 1, spot === null && n > 0 ? start + 1 : start + n));
  while (n > 0 && spot !== null && i < c.n - 1 && c.t[i] <= spot + grain) i++; /* several may stand at one moment */
  if (!isSeen(c.t[i])) goTo(c.t[i]);
  tell(inside(c.t[i]), true);
};
const near = by => { scale(spot === null ? (from + to) / 2 : spot, by); speak(`${place(from)} to ${place(to)}`); };
const ways = [
  ["point", "what was held at that moment, and which line grew"], ["drag", "shows that part"], ["Shift and drag", "moves along"],
  ["wheel", "closer and further, once the chart was clicked"], ["double click", "shows all"],
  ["← →", "from sample to sample, with Shift twenty at once"], ["Home End", "the first and the last moment that is shown"],
  ["+ −", "closer and further"], ["Page Up, Page Down", "half a window back and on"], ["Esc or 0", "shows all"],
  ["the strip below", "drag the box, or its ends; click to go there"], ["a heading", "sorts its table"],
];
const help = set(html("dialog"), { "aria-label": "Keys and gestures" });
const ask = () => {
  if (help.open) return;
  help.replaceChildren(html("dl", {}, ...ways.flatMap(([way, what]) => [html("dt", {}, way), html("dd", {}, what)])), button("close", () => help.close()));
  help.showModal();
};
document.body.append(help);
const closer = () => near(.5);
const keys = {
  ArrowLeft: e => step(e.shiftKey ? -20 : -1), ArrowRight: e => step(e.shiftKey ? 20 : 1), Home: () => tell(from, true), End: () => tell(to, true),
  "+": closer, "=": closer, "-": () => near(2), PageUp: () => pan(-.5), PageDown: () => pan(.5), 0: all, Escape: all, "?": ask,
};
on(svg, "keydown", e => { if (keys[e.key] && !e.ctrlKey && !e.altKey && !e.metaKey && e.target === svg) { keys[e.key](e); e.preventDefault(); } });
set(svg, { tabindex: 0, role: "application", "aria-label": document.title + ". Left and right go from sample to sample, plus and minus zoom, Escape shows all, question mark tells all keys." });
