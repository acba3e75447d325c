/* What is drawn with: elements of SVG, the outlines of curves, labels that keep off each other. */
const NS = "http://www.w3.org/2000/svg";
const make = (name, attributes, text) => {
  const e = document.createElementNS(NS, name);
  for (const k in attributes) if (attributes[k] !== undefined) e.setAttribute(k, attributes[k]);
  if (text !== undefined) e.textContent = text;
  return e;
};
const line = (d, stroke, more) => make("path", { d, stroke, fill: "none", ...more });
const round = v => Math.round(v * 10) / 10;

/* Of each column of pixels the first, the lowest, the highest and the last; a list for each piece between holes. */
const columns = c => {
  const pieces = [], [first, end] = within(c);
  let piece, at;
  for (let i = first; i < end; i++) {
    const x = Math.round(px(c.t[i]) * 2) / 2, v = c.v[i];
    if (!piece || (c.holes && c.holes.has(i))) pieces.push(piece = []), at = null;
    if (!at || at[0] !== x) piece.push(at = [x, v, v, v, v]);
    at[2] = Math.min(at[2], v); at[3] = Math.max(at[3], v); at[4] = v;
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
const area = (b, p) => {
  const edge = (c, k) => columns(c).flat().map(o => o[0] + " " + round(py(o[k], p)));
  const steps = edge(b.top, 3), floor = edge(b.floor, 2).reverse();
  if (b.top.n < 2000) {
    const exact = (c, [first, end]) => Array.from({ length: end - first }, (_, i) => round(px(c.t[first + i])) + " " + round(py(c.v[first + i], p)));
    return "M" + [...exact(b.top, within(b.top)), ...exact(b.floor, within(b.floor)).reverse()].join("L") + "Z";
  }
  return steps.length ? "M" + [...steps, ...floor].join("L") + "Z" : "";
};

const pencil = document.createElement("canvas").getContext("2d");
const wide = (words, size, bold) => {
  pencil.font = (bold ? "bold " : "") + size + "px " + (svg.getAttribute("font-family") || "sans-serif");
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
const label = (to, lines, places, pane) => {
  const h = l => (l.size || 11) * S + 5 * S, [, Y, , H] = pane.box;
  const w = Math.max(...lines.map(l => wide(l.words, (l.size || 11) * S, l.bold))) + 6 * S, all = lines.reduce((sum, l) => sum + h(l), 0);
  for (const [x, y] of places(w, all)) {
    const box = [x, y, w, all];
    if (x < X || x + w > X + W || y < Y - 14 * S || y + all > Y + H || taken.some(t => overlap(t, box))) continue;
    taken.push(box);
    to.append(make("rect", { x, y, width: w, height: all, fill: theme.paper, "fill-opacity": .82 }));
    let base = y;
    for (const l of lines) {
      base += h(l);
      to.append(make("text", { x: x + 3 * S, y: base - 4 * S, "font-size": (l.size || 11) * S, fill: l.ink || theme.ink, "font-weight": l.bold ? "bold" : undefined }, l.words));
    }
    return true;
  }
  return false;
};
