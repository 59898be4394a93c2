// Which faults are shown: by how grave they are, and by kind, each with its number.
"use strict";

gridmap.sieve = (() => {
  const { byId, closestElement, listElements, requireElement } = gridmap.dom;
  const { number } = gridmap.words;

  class Sieve {
    /**
     * @param {Fault[]} faults
     * @param {() => void} changed
     */
    constructor(faults, changed) {
      this.faults = faults;
      this.severity = "all";
      this.kind = "all";
      this.kinds = requireElement("#kinds", HTMLSelectElement);
      byId("severities").addEventListener("click", (event) => {
        const button = closestElement(event, "button", HTMLButtonElement);
        if (!button) return;
        this.severity = button.dataset.severity ?? "all";
        changed();
      });
      this.kinds.addEventListener("change", () => {
        this.kind = this.kinds.value;
        changed();
      });
    }

    /** @param {number} position */
    shows(position) {
      return this.fits(this.faults[position], this);
    }

    /**
     * @param {Fault} fault
     * @param {{severity: string, kind: string}} wanted
     */
    fits(fault, { severity, kind }) {
      return (severity === "all" || fault.severity === severity) && (kind === "all" || fault.kind === kind);
    }

    /** @param {{severity: string, kind: string}} wanted */
    count(wanted) {
      return this.faults.filter((fault) => this.fits(fault, wanted)).length;
    }

    // Counts tell what pressing would leave.
    speak() {
      for (const button of listElements("button", HTMLButtonElement, byId("severities"))) {
        const { severity = "all" } = button.dataset;
        const count = this.count({ severity, kind: this.kind });
        requireElement(".count", HTMLElement, button).textContent = number(count);
        button.setAttribute("aria-pressed", String(severity === this.severity));
      }
      const kinds = [...new Set(this.faults.map((fault) => fault.kind))];
      this.kinds.replaceChildren(
        this.option("all", gridmap.words.say("all kinds")),
        ...kinds.map((kind) => this.option(kind, gridmap.faults.kind({ kind }))),
      );
      this.kinds.value = this.kind;
    }

    /**
     * @param {string} kind
     * @param {string} word
     */
    option(kind, word) {
      const option = document.createElement("option");
      option.value = kind;
      option.textContent = `${word} (${number(this.count({ severity: this.severity, kind }))})`;
      return option;
    }
  }

  return { Sieve };
})();
