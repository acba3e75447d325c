/* Buttons: what else can be done. */
const tools = document.createElement("div");
tools.id = "tools";
const button = (words, work) => { const b = document.createElement("button"); b.type = "button"; b.textContent = words; b.addEventListener("click", work); tools.append(b); };
const save = (name, type, content) => {
  const a = document.createElement("a");
  a.href = URL.createObjectURL(new Blob([content], { type }));
  a.download = name;
  a.click();
  setTimeout(() => URL.revokeObjectURL(a.href), 1000);
};
button("show all", all);
button("save SVG", () => { cursor.replaceChildren(); save("mprof-c.svg", "image/svg+xml", new XMLSerializer().serializeToString(svg)); });
button("save CSV", () => {
  const quoted = s => '"' + s.replace(/"/g, '""') + '"';
  let text = "series,seconds,MiB\n";
  for (const c of D.curves) for (let i = found(c.t, from); i < c.n && c.t[i] <= to; i++) text += quoted(c.name) + "," + c.t[i].toFixed(3) + "," + c.v[i].toFixed(3) + "\n";
  save("mprof-c.csv", "text/csv", text);
});
$("figure").before(tools);
