"use strict";
// The buttons that print what a shift did, or a receipt again: each asks once, and the page says in its own words what became
// of it. The page is renewed in place, so that the buttons of now are looked for at each press.
(() => {
  const said = document.getElementById("report_said");
  let asking = false;

  async function print(path, wanted, queued) {
    asking = true;
    said.textContent = "";
    let told = {};
    try {
      const answer = await fetch(path, {
        method: "POST", headers: { "Content-Type": "application/json" }, body: wanted,
      });
      told = await answer.json();
    } catch { /* the till does not answer, and the words for a fault say so */ }
    said.textContent = told.queued ? queued : told.text ?? said.dataset.fault;
    asking = false;
  }

  document.addEventListener("click", (event) => {
    const button = event.target instanceof Element ? event.target.closest("button") : null;
    if (!button || asking) return;
    const { report, reprint } = button.dataset;
    if (report) print("/v1/shift", report, said.dataset.queued);
    else if (reprint) print("/v1/reprint", JSON.stringify({ entry: reprint }), said.dataset.again);
  });
})();
