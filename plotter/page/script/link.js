/* The part that the address asks for; then all is ready. */
const wanted = /^#t=([\d.]+),([\d.]+)$/.exec(location.hash);
if (wanted) show(+wanted[1], +wanted[2]);
document.body.dataset.ready = "1";
