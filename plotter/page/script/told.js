/* Where it is told what stood at a moment, in sight while one points; those who only listen hear it once one rests. */
let speech = 0;
const spoken = set(html("p", { className: "spoken" }), { "aria-live": "polite" });
told.removeAttribute("aria-live");
told.after(spoken);
svg.before(told);
const speak = words => { clearTimeout(speech); speech = setTimeout(() => { spoken.textContent = words; }, 300); };
const mib = v => abs(v) >= 10240 ? (v / 1024).toFixed(3) + " GiB" : v.toFixed(abs(v) < 10 ? 2 : 1) + " MiB";
const dot = ink => make("svg", { width: 10, height: 10, "aria-hidden": "true" }, disc(5, 5, 4, ink));
/* A list of [ink, words]; without ink there is no dot. */
const tellEach = (when, list) => {
  told.append(when + ": ");
  list.forEach(([ink, words], k) => told.append(k ? " · " : "", ink ? dot(ink) : "", words));
  if (!list.length) told.append("no samples here");
};
