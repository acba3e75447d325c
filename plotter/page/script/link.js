/* The address tells what is shown, and is heeded: #t=10,20&hide=1,3. */
const address = () => {
  const said = [zoomed() && `t=${digits(from)},${digits(to)}`, hidden.size && "hide=" + [...hidden].sort((a, b) => a - b)].filter(Boolean).join("&");
  return said && "#" + said;
};
/* Browsers allow so many changes in a time, and no more. */
let changed = 0, later = 0;
const write = () => {
  changed = performance.now();
  if (address() !== location.hash) try { history.replaceState(null, "", location.pathname + location.search + address()); } catch { /* a frame that has no address */ }
};
drawn.push(() => {
  clearTimeout(later);
  if (performance.now() - changed > 250) write(); else later = setTimeout(write, 250);
});
const heed = () => {
  const [, a, b] = /\bt=([\d.]+),([\d.]+)/.exec(location.hash) || [], off = /\bhide=([\d,]+)/.exec(location.hash);
  hidden.clear();
  for (const k of off ? off[1].split(",") : []) if (owners(+k)) hidden.add(+k);
  if (+a < +b && +a < full[1] && +b > full[0]) look(+a, +b); else all();
};
on(window, "hashchange", heed);
heed();
document.body.dataset.ready = Math.ceil(performance.now());
