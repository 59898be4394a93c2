// Which faults are shown: by how grave they are, and by kind, each with its number.
"use strict";

gridmap.sieve = (function () {
  const $ = (id) => document.getElementById(id);
  const { number } = gridmap.words;

  class Sieve {
    constructor(faults, changed) {
      Object.assign(this, { faults, severity: "all", kind: "all" });
      $("severities").addEventListener("click", (event) => {
        const button = event.target.closest("button");
        if (!button) return;
        this.severity = button.dataset.severity;
        changed();
      });
      $("kinds").addEventListener("change", () => {
        this.kind = $("kinds").value;
        changed();
      });
    }

    shows(position) {
      return this.fits(this.faults[position], this);
    }

    fits(fault, { severity, kind }) {
      return (severity === "all" || fault.severity === severity) && (kind === "all" || fault.kind === kind);
    }

    count(wanted) {
      return this.faults.filter((fault) => this.fits(fault, wanted)).length;
    }

    // Counts tell what pressing would leave.
    speak() {
      $("severities").querySelectorAll("button").forEach((button) => {
        const { severity } = button.dataset;
        button.querySelector(".count").textContent = number(this.count({ severity, kind: this.kind }));
        button.setAttribute("aria-pressed", String(severity === this.severity));
      });
      const kinds = [...new Set(this.faults.map((fault) => fault.kind))];
      $("kinds").replaceChildren(this.option("all", gridmap.words.say("all kinds")),
        ...kinds.map((kind) => this.option(kind, gridmap.faults.kind({ kind }))));
      $("kinds").value = this.kind;
    }

    option(kind, word) {
      const option = document.createElement("option");
      option.value = kind;
      option.textContent = `${word} (${number(this.count({ severity: this.severity, kind }))})`;
      return option;
    }
  }

  return { Sieve };
})();
