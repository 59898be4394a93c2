// What a repair changed, in words: a row for each building, the panel, the mark, and what a grid gained and lost.
"use strict";

gridmap.changes = (function () {
  const { make, symbol } = gridmap.dom;
  const { say, number, households, estimated, MISSING } = gridmap.words;

  function grid(town, code) {
    return code ? gridmap.town.short(town, code) : say("no grid");
  }

  function way(town, change) {
    return `${grid(town, change.from_code)} → ${grid(town, change.to_code)}`;
  }

  function building(change) {
    return change.name || change.building_id || MISSING;
  }

  function reason(change) {
    return change.reason?.[gridmap.words.current()] || "";
  }

  function counts(changes) {
    const sum = changes.reduce((all, change) => all + (change.households || 0), 0);
    return gridmap.words.counts(sum, changes.some((change) => change.range), changes.length).join(" · ");
  }

  // Rows

  function row(town, change) {
    return gridmap.table.row("", [make("b", "", building(change)), make("small", "", way(town, change)), make("small", "slim", reason(change))], [
      ["wide advice", reason(change)],
      ["number", households(change.households, change.range), ...gridmap.grids.small(estimated(change.range))],
    ]);
  }

  function head(town, changes) {
    return [symbol("moved"), make("span", "group-word", way(town, changes[0])), make("small", "", counts(changes))];
  }

  function plan(town) {
    const key = (change) => `${change.from_code} → ${change.to_code}`;
    return {
      records: town.changes, row: (change) => row(town, change), head: (changes) => head(town, changes), few: 5,
      sort: "way", falling: ["households"], group: key,
      sorts: {
        way: (a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0),
        households: (a, b) => (a.households || 0) - (b.households || 0),
      },
    };
  }

  // Panel

  function fill(panel, town, change) {
    const title = make("p", "details-head");
    title.append(make("strong", "details-kind", building(change)));
    const why = reason(change) ? [make("p", "reason moved", reason(change))] : [];
    const ends = [
      ["From", grid(town, change.from_code)], ["To", grid(town, change.to_code)],
      ["Households", [households(change.households, change.range), estimated(change.range)].filter(Boolean).join(" · ")],
      ["Building", change.building_id || MISSING],
    ];
    panel.replaceChildren(title, ...why, gridmap.details.list(ends));
  }

  function sentence(change, town) {
    const told = { building: building(change), from: grid(town, change.from_code), to: grid(town, change.to_code) };
    return [say("Building {building}: from {from} to {to}.", told), reason(change)].join(" ").trim();
  }

  // What a grid gained and lost, by the other grid.
  function balance(town, code) {
    const gained = town.changes.filter((change) => change.to_code === code);
    const lost = town.changes.filter((change) => change.from_code === code);
    return [
      ...lines(gained, "from_code", (other, counts) => say("gained from {grid}: {counts}", { grid: grid(town, other), counts })),
      ...lines(lost, "to_code", (other, counts) => say("lost to {grid}: {counts}", { grid: grid(town, other), counts })),
    ];
  }

  function lines(changes, other, told) {
    const by = new Map();
    for (const change of changes) by.set(change[other], [...(by.get(change[other]) || []), change]);
    return [...by].map(([code, moved]) => told(code, counts(moved)));
  }

  function mark(town) {
    const alike = (changes, end) => changes.every((change) => change[end] === changes[0][end]);
    const word = (changes) => {
      if (!alike(changes, "to_code")) return "";
      return alike(changes, "from_code") ? way(town, changes[0]) : `→ ${grid(town, changes[0].to_code)}`;
    };
    return { symbol: () => "moved", word };
  }

  return { plan, fill, sentence, balance, mark };
})();
