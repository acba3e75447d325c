/* Calls keep their height: what they are in the picture is moved and stretched. */
const spans = every(svg, "g.span");
for (const g of spans) {
  g.rects = every(g, "rect").map(e => {
    const [x, y, w, h] = ["x", "y", "width", "height"].map(k => +get(e, k));
    ceiling = min(ceiling, y); ground = max(ground, y + h + 1);
    return { e, x, y, w, h };
  });
  g.edges = every(g, "path").map(e => ({ e, x: /^M([\d.]+)/.exec(get(e, "d"))[1] / 10, how: get(e, "transform") }));
  g.words = g.querySelector("text");
  g.text = g.words && g.words.textContent;
  if (g.words) g.x = get(g.words, "x");
}
const wordsOf = g => {
  if (g.words) return g.words;
  const r = g.rects.reduce((a, b) => b.h < a.h ? b : a), size = min(11 * S, r.h * .68);
  g.append(g.words = make("text", { y: round(r.y + r.h / 2 + size * .36), "font-size": size, fill: theme.ink }));
  return g.words;
};
/* The lines where one begins and ends. */
const placeEdges = (g, all) => g.edges.forEach(({ e, x, how }, k) => {
  const t = D.spans[g.dataset.index][k ? 1 : 0];
  set(e, { transform: all ? how : `translate(${round(px(t) - x)}) ${how}` });
  show(e, all || isSeen(t));
});
const placeSpan = (g, all) => {
  const [a, b, name] = D.spans[g.dataset.index], x0 = max(X, px(a)), x1 = min(X + W, px(b));
  const out = !all && (px(b) < X || px(a) > X + W);
  show(g, !out && !narrow());
  placeEdges(g, all);
  if (out || !g.rects.length) return;
  g.rects.forEach(({ e, x, w }, k) => {
    const edge = k > 0 && k === g.rects.length - 1 && w < 3 * S;
    set(e, { x: all ? x : round(x0), width: all || edge ? w : round(max(x1 - x0 - 1, .75)) });
  });
  if (!all && x1 - x0 > 32 * S) {
    const e = set(wordsOf(g), { x: round(x0 + 5 * S) });
    e.textContent = shorten(name, x1 - x0 - 8 * S, +get(e, "font-size"));
  } else if (g.words) {
    if (g.x) set(g.words, { x: g.x });
    g.words.textContent = (all && g.text) || "";
  }
};
drawn.push(() => spans.forEach(g => placeSpan(g, whole())));
