/* Rows of tables that stand for a time lead to the chart, and the chart to them. */
const spells = [];
const leads = (row, work) => {
  const go = () => { work(); svg.scrollIntoView({ block: "nearest" }); };
  set(row, { tabindex: 0 }).classList.add("leads");
  on(row, "click", go);
  on(row, "keydown", e => { if (e.key === "Enter" && e.target === row) go(); });
};
for (const row of every(document, "tr[data-from]")) {
  const [a, b] = [+row.dataset.from, +row.dataset.to];
  spells.push([a, b, row]);
  leads(row, () => look(a, max(b, a + .01)));
}
pointed.push(t => { for (const [a, b, row] of spells) row.classList.toggle("here", t !== null && t >= a && t <= b); });
ways.push(["a row with a time", "shows that time"]);
