"use strict";
// The buttons that print what a shift did: each asks once, and says what became of it in the words of the page.
(() => {
  const buttons = document.querySelectorAll("button[data-report]");
  const said = document.getElementById("report_said");

  async function print(button) {
    for (const one of buttons) one.disabled = true;
    let told = {};
    try {
      const answer = await fetch("/v1/shift", {
        method: "POST", headers: { "Content-Type": "application/json" }, body: button.dataset.report,
      });
      told = await answer.json();
    } catch { /* the till does not answer, and the words for a fault say so */ }
    said.textContent = told.queued ? said.dataset.queued : told.text ?? said.dataset.fault;
    for (const one of buttons) one.disabled = false;
  }

  for (const one of buttons) one.addEventListener("click", () => print(one));
})();
