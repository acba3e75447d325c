/* What every part uses: elements and their attributes, in few words. */
const { min, max, abs } = Math, toWhole = Math.round;
const $ = q => document.querySelector(q), every = (e, q) => [...e.querySelectorAll(q)], svg = $("#chart"), told = $("#told");
const on = (e, name, work, how) => e.addEventListener(name, work, how);
const get = (e, name) => e.getAttribute(name);
const set = (e, attributes) => {
  for (const k in attributes) if (attributes[k] !== undefined) e.setAttribute(k, attributes[k]);
  return e;
};
const make = (name, attributes, ...inside) => {
  const e = set(document.createElementNS("http://www.w3.org/2000/svg", name), attributes);
  e.append(...inside);
  return e;
};
const html = (name, properties, ...inside) => {
  const e = Object.assign(document.createElement(name), properties);
  e.append(...inside);
  return e;
};
const button = (words, work) => {
  const b = html("button", { type: "button" }, words);
  on(b, "click", work);
  return b;
};
const show = (e, shown) => shown ? e.removeAttribute("display") : set(e, { display: "none" });
const line = (d, stroke, more) => make("path", { d, stroke, fill: "none", ...more });
const disc = (cx, cy, r, fill, more) => make("circle", { cx, cy, r, fill, ...more });
/* Where an event points at, across a picture and in its own measure. */
const pointedAt = (e, picture) => {
  const r = picture.getBoundingClientRect();
  return (e.clientX - r.left) * picture.viewBox.baseVal.width / r.width;
};
