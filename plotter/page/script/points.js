/* The points of curves, and what lies at a moment. */
const read = c => { c.t = column(c.n, unit); c.v = column(c.n, 1024); c.on = true; };
for (const c of D.curves) { read(c); c.holes = new Set(c.holes); }

/* The index of the first that is not before t. */
const found = (list, t) => {
  let low = 0, high = list.length;
  while (low < high) { const m = (low + high) >> 1; if (list[m] < t) low = m + 1; else high = m; }
  return low;
};
/* Between two points, as the line runs, and after a step that is straight up or down; null where there is none. */
const between = ({ t: times, v, n, holes }, t) => {
  let i = found(times, t);
  while (i + 1 < n && times[i + 1] === t) i++;
  if (i === n || times[i] === t) return i < n ? v[i] : null;
  if (i === 0 || (holes && holes.has(i))) return null;
  return v[i - 1] + (v[i] - v[i - 1]) * (t - times[i - 1]) / (times[i] - times[i - 1]);
};
/* The sample nearest to t; -1 in a hole, before the first and after the last. */
const grain = .5 / unit;
const nearest = ({ t: times, n, holes }, t) => {
  const i = found(times, t - grain), after = times[i] - t, before = t - times[i - 1];
  if (i === n || (i === 0 && after > grain)) return -1;
  if (i === 0 || after <= 0) return i;
  if (holes.has(i) && before > grain && after > grain) return -1;
  return before < after ? i - 1 : i;
};
