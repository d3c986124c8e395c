/** The script of the report's page: stepping through a counterexample, and the filter of the laws. */
export const script = `
"use strict";
for (const walk of document.querySelectorAll(".walk")) {
  const steps = [...walk.querySelectorAll(".steps > li")];
  const stage = walk.querySelector(".stage");
  const buttons = walk.querySelector(".buttons");
  const where = walk.querySelector(".where");
  const by = (name) => walk.querySelector("button[data-go=" + name + "]");
  let at = steps.length - 1;
  const show = (to) => {
    at = Math.max(0, Math.min(steps.length - 1, to));
    steps.forEach((step, index) => { if (index === at) step.setAttribute("aria-current", "step"); else step.removeAttribute("aria-current"); });
    const state = steps[at].dataset.state;
    const clones = ["light", "dark"].map((theme) => {
      const kept = [...document.querySelectorAll("template[data-theme=" + theme + "]")].find((each) => each.dataset.state === state);
      const box = document.createElement("div");
      box.className = theme + "-only";
      if (kept) box.append(kept.content.cloneNode(true));
      for (const named of box.querySelectorAll("[id]")) named.removeAttribute("id");
      const svg = box.querySelector("svg");
      if (svg) { svg.removeAttribute("aria-labelledby"); svg.setAttribute("aria-label", state ? "The lifecycle: the key is " + state + "." : "The lifecycle: there is no key yet."); }
      return box;
    });
    stage.replaceChildren(...clones);
    stage.dataset.state = state;
    where.textContent = "Step " + (at + 1) + " of " + steps.length + (state ? ": the key should be " + state : "");
    for (const name of ["first", "back"]) by(name).disabled = at === 0;
    for (const name of ["next", "last"]) by(name).disabled = at === steps.length - 1;
  };
  const moves = { first: () => 0, back: () => at - 1, next: () => at + 1, last: () => steps.length - 1 };
  buttons.addEventListener("click", (event) => {
    const go = event.target.closest("button")?.dataset.go;
    if (!go) return;
    show(moves[go]());
    if (event.target.disabled) by(at === 0 ? "next" : "back").focus();
  });
  walk.addEventListener("keydown", (event) => {
    const go = { Home: "first", ArrowLeft: "back", ArrowUp: "back", ArrowRight: "next", ArrowDown: "next", End: "last" }[event.key];
    if (!go || event.ctrlKey || event.altKey || event.metaKey || event.target.closest("summary, pre")) return;
    event.preventDefault();
    show(moves[go]());
  });
  walk.classList.add("live");
  buttons.hidden = false;
  walk.tabIndex = 0;
  show(at);
}
const filters = document.querySelector(".filters");
if (filters) {
  const words = filters.querySelector("input");
  const status = filters.querySelector("select");
  const told = filters.querySelector("[aria-live]");
  const rows = [...document.querySelectorAll(".laws tbody tr")];
  const apply = () => {
    const wanted = words.value.trim().toLowerCase();
    let shown = 0;
    for (const row of rows) {
      const fits = (status.value === "" || row.dataset.status === status.value) && row.textContent.toLowerCase().includes(wanted);
      row.hidden = !fits;
      if (fits) shown++;
    }
    told.textContent = shown + " of " + rows.length + " laws";
  };
  words.addEventListener("input", apply);
  status.addEventListener("change", apply);
  filters.hidden = false;
  apply();
}
`
