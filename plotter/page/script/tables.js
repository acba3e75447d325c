/* Tables are sorted by their headings, figures downwards first; what has none comes last either way. */
for (const table of every(document, "table"))
  every(table, "th").forEach((th, k, all) => {
    const figures = th.classList.contains("figure"), b = button(th.textContent, () => {
      const before = get(th, "aria-sort"), up = before ? before === "descending" : !figures;
      const value = r => { const cell = r.cells[k], text = cell ? cell.dataset.value || cell.textContent : ""; return figures ? parseFloat(text) : text; };
      const order = (x, y) => figures ? isNaN(x) - isNaN(y) || (up ? x - y : y - x) : up ? x.localeCompare(y) : y.localeCompare(x);
      table.tBodies[0].append(...[...table.tBodies[0].rows].sort((r, s) => order(value(r), value(s))));
      for (const o of all) o.removeAttribute("aria-sort");
      set(th, { "aria-sort": up ? "ascending" : "descending" });
    });
    th.replaceChildren(b);
  });
