/* Its rows hide and show their curves. */
for (const g of svg.querySelectorAll("g.row")) {
  const mine = D.curves.filter(c => c.row == g.dataset.index);
  if (!mine.length) continue;
  g.setAttribute("role", "button");
  g.setAttribute("tabindex", "0");
  g.setAttribute("aria-pressed", "true");
  const toggle = e => {
    if (e.altKey) for (const c of D.curves) c.on = mine.includes(c);
    else for (const c of mine) c.on = !c.on;
    for (const r of svg.querySelectorAll("g.row[role]")) {
      const on = D.curves.some(c => c.row == r.dataset.index && c.on);
      r.classList.toggle("off", !on);
      r.setAttribute("aria-pressed", on);
    }
    draw(); tell(spot);
  };
  g.addEventListener("click", toggle);
  g.addEventListener("keydown", e => { if (e.key === "Enter" || e.key === " ") { toggle(e); e.preventDefault(); e.stopPropagation(); } });
}
