/* The page's data and, from it, the points of curves and areas. */
const $ = q => document.querySelector(q), svg = $("#chart"), told = $("#told"), D = JSON.parse($("#data").textContent);
const text = atob(D.points), packed = new Uint8Array(text.length);
for (let i = 0; i < text.length; i++) packed[i] = text.charCodeAt(i);
const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
const bytes = D.points ? new Uint8Array(await new Response(stream).arrayBuffer()) : packed;
let next = 0;
const number = () => {
  let scale = 1, n = 0, b;
  do { b = bytes[next++]; n += (b & 127) * scale; scale *= 128; } while (b & 128);
  return n % 2 ? -(n + 1) / 2 : n / 2;
};
const column = (n, unit) => {
  const values = new Float64Array(n);
  for (let i = 0, sum = 0; i < n; i++) values[i] = (sum += number()) / unit;
  return values;
};
const read = c => { c.t = column(c.n, D.unit); c.v = column(c.n, 1024); };
D.curves.forEach(read);
D.steps = (D.steps || []).sort((a, b) => a[0] - b[0]);
for (const b of D.bands) {
  read(b);
  const { t, v, n, upper } = b;
  b.top = { t: t.slice(0, upper), v: v.slice(0, upper), n: upper };
  b.floor = b.floor !== undefined ? D.curves[b.floor] : { t: t.slice(upper).reverse(), v: v.slice(upper).reverse(), n: n - upper };
}
for (const c of D.curves) { c.on = true; c.holes = new Set(c.holes); }
for (const b of D.bands) b.on = true;

/* The index of the first that is not before t. */
const found = (list, t) => {
  let low = 0, high = list.length;
  while (low < high) { const m = (low + high) >> 1; if (list[m] < t) low = m + 1; else high = m; }
  return low;
};
/* Between two points, as the line runs, and after a step that is straight up or down; null where there is none. */
const between = (c, t) => {
  let i = found(c.t, t);
  while (i + 1 < c.n && c.t[i + 1] === t) i++;
  if (i === c.n || c.t[i] === t) return i < c.n ? c.v[i] : null;
  if (i === 0 || (c.holes && c.holes.has(i))) return null;
  return c.v[i - 1] + (c.v[i] - c.v[i - 1]) * (t - c.t[i - 1]) / (c.t[i] - c.t[i - 1]);
};
/* The sample nearest to t; -1 in a hole, before the first and after the last. */
const grain = .5 / D.unit;
const nearest = (c, t) => {
  const i = found(c.t, t - grain);
  if (!c.n || i === c.n || (i === 0 && c.t[0] > t + grain)) return -1;
  if (i === 0 || c.t[i] <= t) return i;
  if (c.holes.has(i) && t - c.t[i - 1] > grain && c.t[i] - t > grain) return -1;
  return t - c.t[i - 1] < c.t[i] - t ? i - 1 : i;
};
