/* Of many: what they held in the column of time that is pointed at, and who of them the most. */
const [left, ceiling, width, height, ground] = D.box, [first, last, bins] = D.bins;
/* An image has ranks on its axis, and no place for figures. */
const inks = D.y ? [D.main, D.muted] : [];
const alive = column(bins, 1), who = column(bins, 1), [lows, middles, highs, mosts] = [0, 0, 0, 0].map(() => column(bins, 1024));
const wide = (last - first) / bins, start = i => first + i * wide, digits = min(9, max(1, Math.ceil(1 - Math.log10(wide))));
const [earliest, latest] = D.x, across = t => left + (t - earliest) / (latest - earliest) * width;
/* As high as the axis has it, which is coarser above its knee. */
const level = v => {
  const [low, high, knee, share] = D.y;
  const part = knee <= low ? (v - low) / (high - low) : v <= knee ? (v - low) / (knee - low) * share : share + (v - knee) / (high - knee) * (1 - share);
  return ceiling + height * (1 - part);
};
const cursor = make("g", { "pointer-events": "none" });
svg.append(cursor);
told.dataset.hint = "Point at the picture: what they held then, and who the most.";
let spot = null;
const figures = i => {
  const [low, middle, high, most] = [lows, middles, highs, mosts].map(c => mib(c[i]));
  return [[inks[0], "median " + middle], [0, `5–95 % ${low} to ${high}`], [inks[1], `highest ${most}, ${D.names[who[i]]}`], [0, alive[i] + " alive"]];
};
const tell = (i, aloud) => {
  cursor.replaceChildren();
  told.replaceChildren();
  spot = i;
  if (i === null) return;
  const x = across(start(i + .5));
  cursor.append(line(`M${x} ${ceiling}V${ground}`, D.muted));
  if (alive[i]) inks.forEach((ink, k) => cursor.append(disc(x, level([middles, mosts][k][i]), 3.5 * D.scale, ink)));
  tellEach(`${start(i).toFixed(digits)}–${start(i + 1).toFixed(digits)} s`, alive[i] ? figures(i) : []);
  if (aloud) speak(told.textContent);
};
const inside = i => max(0, min(bins - 1, i));
const point = e => tell(inside(Math.floor((earliest + (pointedAt(e, svg) - left) / width * (latest - earliest) - first) / wide)));
on(svg, "pointermove", point);
on(svg, "pointerdown", point);
on(svg, "pointerleave", e => { if (e.pointerType !== "touch") tell(null); });
const step = by => tell(inside(spot === null ? (by > 0 ? 0 : bins - 1) : spot + by), true);
const keys = {
  ArrowLeft: e => step(e.shiftKey ? -20 : -1), ArrowRight: e => step(e.shiftKey ? 20 : 1), Home: () => tell(0, true), End: () => tell(bins - 1, true),
  Escape: () => tell(null),
};
on(svg, "keydown", e => { if (keys[e.key] && !e.ctrlKey && !e.altKey && !e.metaKey && e.target === svg) { keys[e.key](e); e.preventDefault(); } });
set(svg, { tabindex: 0, role: "application", "aria-label": document.title + ". Left and right go from column to column, with Shift twenty at once, Home and End to the first and the last, Escape leaves." });
svg.style.cursor = "crosshair";
document.body.dataset.ready = Math.ceil(performance.now());
