// The figures at the top of the page and on its buttons.
"use strict";

gridmap.summary = (function () {
  const $ = (id) => document.getElementById(id);
  const { say, number, span, households, estimated, MISSING } = gridmap.words;

  function fill(town) {
    const sum = gridmap.town.summary(town);
    const texts = {
      communities: number(sum.communities), grids: number(sum.grids + sum.dedicated),
      "in-range": sum.grids ? say("{count} of {all}", { count: number(sum.inRange), all: number(sum.grids) }) : MISSING,
      households: households(sum.households, town.estimated), range: estimated(town.estimated),
      span: town.estimated && sum.least !== null ? `≈ ${span(sum.least, sum.most)}` : span(sum.least, sum.most),
      allowed: town.allowed ? say("allowed: {span}", { span: span(...town.allowed) }) : "",
      ...(town.faults ? ofFaults(town.faults) : {}), ...(town.changes ? ofChanges(town.changes) : {}),
    };
    Object.entries(texts).forEach(([name, text]) => ($(`sum-${name}`).textContent = text));
    $("filters").querySelectorAll("button").forEach((button) => {
      const fits = (grid) => button.dataset.state === "all" || grid.state === button.dataset.state;
      button.querySelector(".count").textContent = number(town.grids.filter(fits).length);
    });
    document.querySelectorAll("[role=tab]").forEach((tab) => {
      tab.querySelector(".count").textContent = number(town[tab.dataset.tab].length);
    });
  }

  function people(records) {
    return households(records.reduce((sum, record) => sum + (record.households || 0), 0),
      records.some((record) => record.estimated || record.range));
  }

  function ofFaults(faults) {
    const left = faults.filter((fault) => fault.kind === "unassigned_building");
    const grave = faults.filter((fault) => fault.severity === "high").length;
    return { faults: number(faults.length), grave: say("{count} grave", { count: number(grave) }), left: people(left) };
  }

  function ofChanges(changes) {
    return { changes: number(changes.length), moved: say("{count} households", { count: people(changes) }) };
  }

  return { fill };
})();
