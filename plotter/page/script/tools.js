/* Buttons: what else can be done. */
const tools = document.createElement("div");
tools.id = "tools";
const button = (words, work, name) => {
  const b = document.createElement("button");
  b.type = "button"; b.textContent = words;
  if (name) b.setAttribute("aria-label", name);
  b.addEventListener("click", work);
  tools.append(b);
};
const own = () => { try { return decodeURIComponent(location.pathname.split("/").pop()).replace(/\.html?$/i, "") || "mprof-c"; } catch { return "mprof-c"; } };
const save = (name, type, content) => {
  const a = document.createElement("a");
  a.href = URL.createObjectURL(new Blob([content], { type }));
  a.download = name;
  a.click();
  setTimeout(() => URL.revokeObjectURL(a.href), 1000);
};
/* The chart as it is seen, without what is there to work with. */
const picture = () => {
  const copy = svg.cloneNode(true);
  for (const e of copy.querySelectorAll("[display=none]")) e.remove();
  for (const e of [copy, ...copy.querySelectorAll("*")]) for (const k of ["tabindex", "role", "aria-label", "aria-pressed", "style"]) e.removeAttribute(k);
  copy.querySelector("g[pointer-events]").remove();
  return new XMLSerializer().serializeToString(copy);
};
/* Of what is shown, in the part that is shown. A name that a spreadsheet would compute is told as one. */
const table = () => {
  const quoted = s => '"' + s.replace(/^[=+\-@\t\r]/, "'$&").replace(/"/g, '""') + '"', lines = ["series,seconds,MiB\n"];
  for (const c of D.curves) {
    if (!c.on || c.trend || c.edge) continue;
    for (let i = found(c.t, from), name = quoted(c.name); i < c.n && c.t[i] <= to; i++) lines.push(`${name},${c.t[i].toFixed(D.unit > 1000 ? 6 : 3)},${c.v[i].toFixed(3)}\n`);
  }
  return lines.join("");
};
button("show all", all);
button("save SVG", () => save(own() + ".svg", "image/svg+xml", picture()));
button("save CSV", () => save(own() + ".csv", "text/csv", table()));
button("?", ask, "keys and gestures");
$("figure").before(tools);
