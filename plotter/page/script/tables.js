/* Tables are sorted by their headings, and lead to their part of the chart. */
for (const table of document.querySelectorAll("table"))
  table.querySelectorAll("th").forEach((th, k) => {
    const b = document.createElement("button");
    b.type = "button"; b.textContent = th.textContent; th.replaceChildren(b);
    let up = th.classList.contains("figure");
    b.addEventListener("click", () => {
      const body = table.tBodies[0], value = r => r.cells[k] ? r.cells[k].textContent : "";
      const rows = [...body.rows].sort((a, c) => th.classList.contains("figure") ? parseFloat(value(c)) - parseFloat(value(a)) : value(a).localeCompare(value(c)));
      body.append(...(up ? rows : rows.reverse()));
      for (const o of table.querySelectorAll("th")) o.removeAttribute("aria-sort");
      th.setAttribute("aria-sort", up === th.classList.contains("figure") ? "descending" : "ascending");
      up = !up;
    });
  });
for (const row of document.querySelectorAll("tr[data-from]"))
  row.addEventListener("click", () => { show(+row.dataset.from, Math.max(+row.dataset.to, +row.dataset.from + .01)); svg.scrollIntoView({ block: "nearest" }); });
