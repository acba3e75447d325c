/* Its rows hide and show what is theirs; where the window is narrow, a list under the chart does. */
const rows = every(svg, "g.row"), legend = html("ul", { id: "legend" }), presses = [];
drawn.push(() => presses.forEach(([e, k]) => {
  const off = hidden.has(k);
  set(e, { "aria-pressed": !off, opacity: off ? .35 : 1 });
  e.classList.toggle("off", off);
}));
const toggle = (k, alone) => {
  const others = D.rows.map((_, i) => i).filter(i => owners(i) && i !== k);
  if (alone && !hidden.has(k) && others.every(i => hidden.has(i))) hidden.clear();
  else if (alone) { hidden.delete(k); others.forEach(i => hidden.add(i)); }
  else if (!hidden.delete(k)) hidden.add(k);
  draw();
};
const press = (e, k) => {
  presses.push([e, k]);
  on(e, "click", event => toggle(k, event.altKey));
};
D.rows.forEach((row, k) => {
  const g = rows.find(r => r.dataset.index == k), able = owners(k);
  const b = html(able ? "button" : "span", {}, dot(row.ink), row.name + (row.detail ? " " : ""), html("small", {}, row.detail));
  legend.append(html("li", {}, b));
  if (!able) return;
  b.type = "button";
  press(b, k);
  if (!g) return;
  press(set(g, { role: "button", tabindex: 0 }), k);
  on(g, "keydown", e => { if (e.key === "Enter" || e.key === " ") { toggle(k, e.altKey); e.preventDefault(); e.stopPropagation(); } });
});
strip.after(legend);
ways.push(["click in the legend", "hides and shows it; with Alt it alone"]);
