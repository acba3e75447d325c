/* Its rows hide and show what is theirs; where the window is narrow, a list under the chart does. */
const rows = [...svg.querySelectorAll("g.row")], legend = document.createElement("ul");
legend.id = "legend";
const owners = k => [...D.curves, ...D.bands].some(c => c.row === k);
const buttons = [];
const mark = () => buttons.forEach(([e, k]) => {
  e.setAttribute("aria-pressed", !hidden.has(k));
  e.setAttribute("opacity", hidden.has(k) ? .35 : 1);
  e.classList.toggle("off", hidden.has(k));
});
const toggle = (k, alone) => {
  const every = D.rows.map((_, i) => i).filter(owners), others = every.filter(i => i !== k);
  if (alone && !hidden.has(k) && others.every(i => hidden.has(i))) hidden.clear();
  else if (alone) { hidden.delete(k); others.forEach(i => hidden.add(i)); }
  else if (!hidden.delete(k)) hidden.add(k);
  mark(); draw();
};
const press = (e, k) => {
  buttons.push([e, k]);
  e.addEventListener("click", event => toggle(k, event.altKey));
};
D.rows.forEach((row, k) => {
  const item = document.createElement("li"), g = rows.find(r => r.dataset.index == k), able = owners(k);
  const b = document.createElement(able ? "button" : "span");
  b.append(dot(row.ink), row.name + (row.detail ? " " : ""), Object.assign(document.createElement("small"), { textContent: row.detail }));
  item.append(b); legend.append(item);
  if (!able) return;
  b.type = "button";
  press(b, k);
  if (!g) return;
  for (const [name, v] of [["role", "button"], ["tabindex", "0"]]) g.setAttribute(name, v);
  press(g, k);
  g.addEventListener("keydown", e => { if (e.key === "Enter" || e.key === " ") { toggle(k, e.altKey); e.preventDefault(); e.stopPropagation(); } });
});
mark();
