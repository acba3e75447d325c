/* The page's data and, from it, columns of numbers, each less the one before. */
const D = JSON.parse($("#data").textContent), unit = D.unit;
const packed = Uint8Array.from(atob(D.points), c => c.charCodeAt(0));
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
