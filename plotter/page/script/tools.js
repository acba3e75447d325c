/* Buttons: what else can be done. */
const own = () => { try { return decodeURIComponent(location.pathname.split("/").pop()).replace(/\.html?$/i, "") || "mprof-c"; } catch { return "mprof-c"; } };
const save = (end, type, content) => {
  const a = html("a", { href: URL.createObjectURL(new Blob([content], { type })), download: own() + end });
  a.click();
  setTimeout(() => URL.revokeObjectURL(a.href), 1000);
};
/* The chart as it is seen, without what is there to work with. */
const picture = () => {
  const copy = svg.cloneNode(true);
  for (const e of every(copy, "[display=none]")) e.remove();
  for (const e of [copy, ...every(copy, "*")]) for (const k of ["tabindex", "role", "aria-label", "aria-pressed", "style"]) e.removeAttribute(k);
  copy.querySelector("g[pointer-events]").remove();
  return new XMLSerializer().serializeToString(copy);
};
/* Of what is shown, in the part that is shown. A name that a spreadsheet would compute is told as one. */
const table = () => {
  const quoted = s => '"' + s.replace(/^[=+\-@\t\r]/, "'$&").replace(/"/g, '""') + '"', lines = ["series,seconds,MiB\n"];
  for (const c of D.curves.filter(tellable))
    for (let i = found(c.t, from), name = quoted(c.name); i < c.n && c.t[i] <= to; i++) lines.push(`${name},${digits(c.t[i])},${c.v[i].toFixed(3)}\n`);
  return lines.join("");
};
$("figure").before(html("div", { id: "tools" }, button("show all", all), button("save SVG", () => save(".svg", "image/svg+xml", picture())),
  button("save CSV", () => save(".csv", "text/csv", table())), set(button("?", ask), { "aria-label": "keys and gestures" })));
