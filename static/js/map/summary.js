// The figures at the top of the page and on its buttons.
"use strict";

gridmap.summary = (() => {
  const { byId, listElements, requireElement } = gridmap.dom;
  const { say, number, span, households, estimated, MISSING } = gridmap.words;

  /** @param {Town} town */
  function fill(town) {
    const sum = gridmap.town.summary(town);
    const texts = {
      communities: number(sum.communities),
      grids: number(sum.grids + sum.dedicated),
      "in-range": sum.grids ? say("{count} of {all}", { count: number(sum.inRange), all: number(sum.grids) }) : MISSING,
      households: households(sum.households, town.estimated),
      range: estimated(town.estimated),
      span: town.estimated && sum.least !== null ? `≈ ${span(sum.least, sum.most)}` : span(sum.least, sum.most),
      allowed: town.allowed ? say("allowed: {span}", { span: span(...town.allowed) }) : "",
      ...(town.faults ? ofFaults(town.faults) : {}),
      ...(town.changes ? ofChanges(town.changes) : {}),
    };
    for (const [name, text] of Object.entries(texts)) byId(`sum-${name}`).textContent = text;
    for (const button of listElements("button", HTMLButtonElement, byId("filters"))) {
      const { state } = button.dataset;
      const fitting = town.grids.filter((grid) => state === "all" || grid.state === state);
      requireElement(".count", HTMLElement, button).textContent = number(fitting.length);
    }
    for (const tab of listElements("[role=tab]", HTMLElement)) {
      const { length } = town[/** @type {ListName} */ (tab.dataset.tab)] ?? [];
      requireElement(".count", HTMLElement, tab).textContent = number(length);
    }
  }

  /** @param {(Fault | Change)[]} records */
  function people(records) {
    return households(
      records.reduce((sum, record) => sum + (record.households || 0), 0),
      records.some((record) => ("estimated" in record ? record.estimated : record.range)),
    );
  }

  /** @param {Fault[]} faults */
  function ofFaults(faults) {
    const left = faults.filter((fault) => fault.kind === "unassigned_building");
    const grave = faults.filter((fault) => fault.severity === "high").length;
    return { faults: number(faults.length), grave: say("{count} grave", { count: number(grave) }), left: people(left) };
  }

  /** @param {Change[]} changes */
  function ofChanges(changes) {
    return { changes: number(changes.length), moved: say("{count} households", { count: people(changes) }) };
  }

  return { fill };
})();
