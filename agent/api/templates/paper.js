"use strict";
// The buttons that print what a shift did: each asks once, and the page says in its own words what became of it. The page is
// renewed in place, so that the buttons of now are looked for at each press.
(() => {
  const said = document.getElementById("report_said");
  let asking = false;

  async function print(report) {
    asking = true;
    said.textContent = "";
    let told = {};
    try {
      const answer = await fetch("/v1/shift", {
        method: "POST", headers: { "Content-Type": "application/json" }, body: report,
      });
      told = await answer.json();
    } catch { /* the till does not answer, and the words for a fault say so */ }
    said.textContent = told.queued ? said.dataset.queued : told.text ?? said.dataset.fault;
    asking = false;
  }

  document.addEventListener("click", (event) => {
    const button = event.target instanceof Element ? event.target.closest("button[data-report]") : null;
    if (button && !asking) print(button.dataset.report);
  });
})();
