/* The chart by its keys, which a list tells of. */
const step = n => {
  const c = lead();
  if (!c) return;
  const at = spot === null ? -1 : nearest(c, spot), start = at < 0 ? found(c.t, spot === null ? from : spot) - (n > 0 ? 1 : 0) : at;
  let i = Math.max(0, Math.min(c.n - 1, spot === null && n > 0 ? start + 1 : start + n));
  while (n > 0 && spot !== null && i < c.n - 1 && c.t[i] <= spot + grain) i++; /* several may stand at one moment */
  const t = c.t[i];
  if (t < from || t > to) look(t - (to - from) / 2, t + (to - from) / 2);
  tell(inside(t), true);
};
const near = by => { scale(spot === null ? (from + to) / 2 : spot, by); speak(`${place(from)} to ${place(to)}`); };
const help = document.createElement("dialog");
const ask = () => { if (!help.open) help.showModal(); };
const keys = {
  ArrowLeft: e => step(e.shiftKey ? -20 : -1), ArrowRight: e => step(e.shiftKey ? 20 : 1), Home: () => tell(from, true), End: () => tell(to, true),
  "+": () => near(.5), "=": () => near(.5), "-": () => near(2), PageUp: () => pan(-.5), PageDown: () => pan(.5), 0: all, Escape: all, "?": ask,
};
svg.addEventListener("keydown", e => { if (keys[e.key] && !e.ctrlKey && !e.altKey && !e.metaKey && e.target === svg) { keys[e.key](e); e.preventDefault(); } });
svg.setAttribute("tabindex", "0");
svg.setAttribute("role", "application");
svg.setAttribute("aria-label", document.title + ". Left and right go from sample to sample, plus and minus zoom, Escape shows all, question mark tells all keys.");
const ways = [
  ["point", "what was held at that moment, and which line grew"], ["drag", "shows that part"], ["Shift and drag", "moves along"],
  ["wheel", "closer and further, once the chart was clicked"], ["double click", "shows all"],
  ["← →", "from sample to sample, with Shift twenty at once"], ["Home End", "the first and the last moment that is shown"],
  ["+ −", "closer and further"], ["Page Up, Page Down", "half a window back and on"], ["Esc or 0", "shows all"],
  ["click in the legend", "hides and shows it; with Alt it alone"], ["the strip below", "drag the box, or its ends; click to go there"],
  ["a heading", "sorts its table"], ["a row with a time", "shows that time"],
];
help.setAttribute("aria-label", "Keys and gestures");
const list = document.createElement("dl");
for (const way of ways) way.forEach((words, k) => { const e = document.createElement(k ? "dd" : "dt"); e.textContent = words; list.append(e); });
const close = document.createElement("button");
close.type = "button"; close.textContent = "close"; close.addEventListener("click", () => help.close());
help.append(list, close);
document.body.append(help);
