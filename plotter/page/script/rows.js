/* Rows of tables lead to the chart, and the chart to them.
 * A row that stands for a time, or for a line whose steps are known, can be clicked. */
const lines = new Map(), spells = [];
const leads = (row, work) => {
  row.setAttribute("tabindex", "0");
  row.classList.add("leads");
  const go = () => { work(); svg.scrollIntoView({ block: "nearest" }); };
  row.addEventListener("click", go);
  row.addEventListener("keydown", e => { if (e.key === "Enter" && e.target === row) go(); });
};
for (const row of document.querySelectorAll("tr[data-from]")) {
  const [a, b] = [+row.dataset.from, +row.dataset.to];
  spells.push([a, b, row]);
  leads(row, () => look(a, Math.max(b, a + .01)));
}
const steps = make("g", { "pointer-events": "none" });
let chosen = "";
svg.append(steps);
const drawSteps = () => {
  steps.replaceChildren();
  for (const [t, , name] of D.steps) {
    if (name !== chosen || t < from || t > to) continue;
    const x = round(px(t)), [, y, , height] = panes[0].box;
    steps.append(make("path", { d: `M${x} ${y + height}l${-4 * S} ${8 * S}h${8 * S}Z`, fill: theme.peak }));
  }
  for (const [name, rows] of lines) for (const r of rows) r.classList.toggle("chosen", name === chosen);
};
const named = new Set(D.steps.map(s => s[2]));
for (const row of document.querySelectorAll("tbody tr:not([data-from])"))
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
  for (const [a, b, row] of spells) row.classList.toggle("here", t !== null && t >= a && t <= b);
  for (const [name, rows] of lines) for (const r of rows) r.classList.toggle("here", near !== null && near[2] === name);
});
