/* What is drawn with: the outlines of curves, labels that keep off each other. */
const shape = (d, fill, more) => make("path", { d, fill, ...more });
const clip = pane => `url(#zoom-clip${pane})`;

/* Of each column of pixels the first, the lowest, the highest and the last; a list for each piece between holes. */
const columns = c => {
  const pieces = [], [first, end] = within(c);
  let piece, at;
  for (let i = first; i < end; i++) {
    const x = toWhole(px(c.t[i]) * 2) / 2, v = c.v[i];
    if (!piece || (c.holes && c.holes.has(i))) pieces.push(piece = []), at = null;
    if (!at || at[0] !== x) piece.push(at = [x, v, v, v, v]);
    at[2] = min(at[2], v); at[3] = max(at[3], v); at[4] = v;
  }
  return pieces;
};
const outline = (pieces, p) => {
  let d = "";
  const y = v => round(py(v, p));
  for (const piece of pieces) {
    piece.forEach(([x, first, low, high, last], i) => {
      d += (i ? "L" : "M") + x + " " + y(first);
      if (low < high) d += "V" + y(low) + "V" + y(high) + "V" + y(last);
    });
    if (piece.length === 1) d += "h.01";
  }
  return d;
};
/* Down to the floor of the pane. */
const under = (pieces, p) => pieces.map(piece => {
  const floor = round(py(p.range[0], p));
  return `M${piece[0][0]} ${floor}` + piece.map(k => `L${k[0]} ${round(py(k[3], p))}`).join("") + `V${floor}Z`;
}).join("");

const pencil = html("canvas").getContext("2d");
const wide = (words, size, bold) => {
  pencil.font = (bold ? "bold " : "") + size + "px " + (get(svg, "font-family") || "sans-serif");
  return pencil.measureText(words).width;
};
const shorten = (words, room, size) => {
  if (wide(words, size) <= room) return words;
  const all = [...words];
  while (all.length && wide(all.join("") + "…", size) > room) all.pop();
  return all.length ? all.join("") + "…" : "";
};
let taken = [];
const overlap = (a, b) => a[0] < b[0] + b[2] && b[0] < a[0] + a[2] && a[1] < b[1] + b[3] && b[1] < a[1] + a[3];
/* Lines of words where there is room, of the places [x, y] (a top left corner) the first; false: there is none. */
const label = (lines, places, pane) => {
  const size = l => (l.size || 11) * S, high = l => size(l) + 5 * S, [, Y, , H] = pane.box;
  const w = max(...lines.map(l => wide(l.words, size(l), l.bold))) + 6 * S, all = lines.reduce((sum, l) => sum + high(l), 0);
  for (const [x, y] of places(w, all)) {
    const box = [x, y, w, all];
    if (x < X || x + w > X + W || y < Y - 14 * S || y + all > Y + H || taken.some(t => overlap(t, box))) continue;
    taken.push(box);
    moved.append(make("rect", { x, y, width: w, height: all, fill: theme.paper, "fill-opacity": .82 }));
    let base = y;
    for (const l of lines) {
      base += high(l);
      moved.append(make("text", { x: x + 3 * S, y: base - 4 * S, "font-size": size(l), fill: l.ink || theme.ink, "font-weight": l.bold ? "bold" : undefined }, l.words));
    }
    return true;
  }
  return false;
};
