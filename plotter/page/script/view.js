/* What part of the time is shown, and how high the panes reach. */
const full = D.x, panes = D.panes, theme = D.theme;
let from = full[0], to = full[1], S = D.scale, [X, , W] = panes[0].box;
for (const p of panes) { p.whole = p.range; p.own = p.box; }
const bottom = () => max(...panes.map(p => p.box[1] + p.box[3]));
const px = t => X + (t - from) / (to - from) * W;
const py = (v, p) => p.box[1] + p.box[3] - (v - p.range[0]) / (p.range[1] - p.range[0]) * p.box[3];
const round = v => toWhole(v * 10) / 10;
/* A line down all panes. */
const across = x => panes.map(p => `M${round(x)} ${p.box[1]}v${p.box[3]}`).join("");
const zoomed = () => from > full[0] || to < full[1];
const isSeen = t => t >= from && t <= to;
const within = c => [max(0, found(c.t, from) - 1), min(c.n, found(c.t, to) + 1)];
/* The moment that an event points at, of a picture that shows all from a to b. */
const momentOf = (e, picture, a, b) => a + (pointedAt(e, picture) - X) / W * (b - a);
/* The highest of what is seen, where lines enter and leave included. */
const highest = k => {
  let most = 0;
  const look = c => {
    for (const t of [from, to]) most = max(most, between(c, t) || 0);
    for (let i = found(c.t, from); i < c.n && c.t[i] <= to; i++) most = max(most, c.v[i]);
  };
  for (const c of [...D.curves, ...D.bands]) if (c.on && c.pane === k) look(c.top || c);
  return [0, most > 0 ? most * 1.12 : 1];
};

/* The axes' labels, as in the picture: ticks at multiples of 1, 2, 5, in the unit of the highest. */
const nice = least => {
  const power = 10 ** Math.floor(Math.log10(least));
  return (([1, 2, 5].find(f => power * f >= least * (1 - 1e-9))) || 10) * power;
};
const plain = (v, step) => v.toFixed(min(9, max(0, Math.ceil(-Math.log10(step) - 1e-9))));
const ticks = (low, high, step, unit, label) => {
  const all = [], last = Math.floor(high / unit / step + 1e-9);
  for (let i = Math.ceil(low / unit / step - 1e-9); i <= last && all.length < 64; i++) all.push([i * step * unit, label(i * step, step)]);
  return all;
};
const memoryUnits = [[1048576, 1048576, "TiB"], [1024, 1536, "GiB"], [1, 1, "MiB"], [1 / 1024, 0, "KiB"]];
const memoryTicks = ([low, high], wanted) => {
  const [size, , name] = memoryUnits.find(u => high / 1.12 >= u[1]);
  return [name, ticks(low, high, nice((high - low) / size / wanted), size, plain)];
};
const clock = v => Math.floor(toWhole(v) / 60) + ":" + String(toWhole(v) % 60).padStart(2, "0");
const times = [
  [.1, 1e-3, "ms"], [119.95, 1, "s"],
  [7200, 1, "min:s", [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200]],
  [172800, 60, "h:min", [1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1440, 2880]], [Infinity, 86400, "days"],
];
const timeTicks = wanted => {
  let k = times.findIndex(s => to <= s[0]);
  while (k > 1 && (to - from) / wanted < times[k][1] * .9) k--;
  const [, small, name, steps] = times[k], least = (to - from) / small / wanted;
  const step = (steps && steps.find(s => s >= least * (1 - 1e-9))) || nice(least);
  return [name, ticks(from, to, step, small, steps ? clock : plain)];
};
