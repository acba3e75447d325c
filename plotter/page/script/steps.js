/* Where lines grew: told with the moment; rows of such lines are found from the chart, and show it there. */
const steps = (D.steps || []).sort((a, b) => a[0] - b[0]), lines = new Map(), pins = make("g", { "pointer-events": "none" });
/* The largest that is seen there, or that led to the sample there. */
const growing = t => {
  const c = lead(), i = c ? nearest(c, t) : -1, wide = (to - from) / W * 3;
  const last = max(t + wide, i < 0 ? t : c.t[i]), first = min(t - wide, i > 0 ? c.t[i - 1] : t);
  let most = null;
  for (const s of steps) if (s[0] >= first && s[0] <= last && (!most || s[1] > most[1])) most = s;
  return most;
};
let chosen = "";
svg.append(pins);
const drawSteps = () => {
  const [, y, , height] = panes[0].box;
  pins.replaceChildren(...steps.filter(([t, , name]) => name === chosen && isSeen(t)).map(([t]) => shape(`M${round(px(t))} ${y + height}l${-4 * S} ${8 * S}h${8 * S}Z`, theme.peak)));
  for (const [name, rows] of lines) for (const r of rows) r.classList.toggle("chosen", name === chosen);
};
const named = new Set(steps.map(s => s[2]));
for (const row of every(document, "tbody tr:not([data-from])"))
  for (const cell of row.cells) {
    const name = cell.textContent.replace(/^~ ?| ?~$/g, "");
    if (!named.has(name)) continue;
    lines.set(name, [...(lines.get(name) || []), row]);
    leads(row, () => { chosen = chosen === name ? "" : name; drawSteps(); });
    break;
  }
drawn.push(drawSteps);
pointed.push(t => {
  const near = t === null ? null : growing(t);
  if (near) told.append(` — ${near[2]} grew by ${mib(near[1])} at ${place(near[0])}`);
  for (const [name, rows] of lines) for (const r of rows) r.classList.toggle("here", near !== null && near[2] === name);
});
ways.push(["a row with a line", "marks on the chart where it grew"]);
