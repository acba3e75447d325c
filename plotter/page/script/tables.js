/* Tables are sorted by their headings, figures downwards first; what has none comes last either way. */
for (const table of document.querySelectorAll("table"))
  table.querySelectorAll("th").forEach((th, k) => {
    const b = document.createElement("button"), figures = th.classList.contains("figure");
    b.type = "button"; b.textContent = th.textContent; th.replaceChildren(b);
    const value = r => { const text = r.cells[k] ? r.cells[k].textContent : ""; return figures ? parseFloat(text) : text; };
    b.addEventListener("click", () => {
      const before = th.getAttribute("aria-sort"), up = before ? before === "descending" : !figures;
      const order = (x, y) => figures ? isNaN(x) - isNaN(y) || (up ? x - y : y - x) : up ? x.localeCompare(y) : y.localeCompare(x);
      table.tBodies[0].append(...[...table.tBodies[0].rows].sort((r, s) => order(value(r), value(s))));
      for (const o of table.querySelectorAll("th")) o.removeAttribute("aria-sort");
      th.setAttribute("aria-sort", up ? "ascending" : "descending");
    });
  });
