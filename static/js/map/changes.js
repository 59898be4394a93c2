// What a repair changed, in words: a row for each building, the panel, the mark, and what a grid gained and lost.
"use strict";

gridmap.changes = (() => {
  const { make, symbol } = gridmap.dom;
  const { say, households, estimated, MISSING } = gridmap.words;

  /**
   * @param {Town} town
   * @param {string} code
   */
  function grid(town, code) {
    return code ? gridmap.town.short(town, code) : say("no grid");
  }

  /**
   * @param {Town} town
   * @param {Change} change
   */
  function way(town, change) {
    return `${grid(town, change.from_code)} → ${grid(town, change.to_code)}`;
  }

  /** @param {Change} change */
  function building(change) {
    return change.name || change.building_id || MISSING;
  }

  /** @param {Change} change */
  function reason(change) {
    return change.reason?.[gridmap.words.current()] || "";
  }

  /** @param {Change[]} changes */
  function counts(changes) {
    const sum = changes.reduce((all, change) => all + (change.households || 0), 0);
    return gridmap.words
      .counts(
        sum,
        changes.some((change) => Boolean(change.range)),
        changes.length,
      )
      .join(" · ");
  }

  // Rows

  /**
   * @param {Town} town
   * @param {Change} change
   */
  function row(town, change) {
    return gridmap.table.row(
      "",
      [make("b", "", building(change)), make("small", "", way(town, change)), make("small", "slim", reason(change))],
      [
        ["wide advice", reason(change)],
        ["number", households(change.households, change.range), ...gridmap.grids.small(estimated(change.range))],
      ],
    );
  }

  /**
   * @param {Town} town
   * @param {Change[]} changes
   */
  function head(town, changes) {
    return [symbol("moved"), make("span", "group-word", way(town, changes[0])), make("small", "", counts(changes))];
  }

  /**
   * @param {Town} town
   * @returns {TablePlan<Change>}
   */
  function plan(town) {
    const key = (/** @type {Change} */ change) => `${change.from_code} → ${change.to_code}`;
    return {
      records: town.changes ?? [],
      row: (change) => row(town, change),
      head: (changes) => head(town, changes),
      few: 5,
      sort: "way",
      falling: ["households"],
      group: key,
      sorts: {
        way: (a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0),
        households: (a, b) => (a.households || 0) - (b.households || 0),
      },
    };
  }

  // Panel

  /**
   * @param {HTMLElement} panel
   * @param {Town} town
   * @param {Change} change
   */
  function fill(panel, town, change) {
    const title = make("p", "details-head");
    title.append(make("strong", "details-kind", building(change)));
    const why = reason(change) ? [make("p", "reason moved", reason(change))] : [];
    /** @type {[string, string][]} */
    const ends = [
      ["From", grid(town, change.from_code)],
      ["To", grid(town, change.to_code)],
      [
        "Households",
        [households(change.households, change.range), estimated(change.range)].filter(Boolean).join(" · "),
      ],
      ["Building", change.building_id || MISSING],
    ];
    panel.replaceChildren(title, ...why, gridmap.details.list(ends));
  }

  /**
   * @param {Change} change
   * @param {Town} town
   */
  function sentence(change, town) {
    const told = { building: building(change), from: grid(town, change.from_code), to: grid(town, change.to_code) };
    return [say("Building {building}: from {from} to {to}.", told), reason(change)].join(" ").trim();
  }

  /**
   * Return what a grid gained and lost, by the other grid; nothing without a repair.
   *
   * @param {Town} town
   * @param {string} code
   */
  function balance(town, code) {
    const changes = town.changes ?? [];
    const gained = changes.filter((change) => change.to_code === code);
    const lost = changes.filter((change) => change.from_code === code);
    return [
      ...lines(gained, "from_code", (other, counts) =>
        say("gained from {grid}: {counts}", { grid: grid(town, other), counts }),
      ),
      ...lines(lost, "to_code", (other, counts) =>
        say("lost to {grid}: {counts}", { grid: grid(town, other), counts }),
      ),
    ];
  }

  /**
   * @param {Change[]} changes
   * @param {"from_code" | "to_code"} other
   * @param {(code: string, counts: string) => string} told
   */
  function lines(changes, other, told) {
    /** @type {Map<string, Change[]>} */
    const by = new Map();
    for (const change of changes) by.set(change[other], [...(by.get(change[other]) || []), change]);
    return [...by].map(([code, moved]) => told(code, counts(moved)));
  }

  /**
   * @param {Town} town
   * @returns {MarkPlan<Change>}
   */
  function mark(town) {
    /**
     * @param {Change[]} changes
     * @param {"from_code" | "to_code"} end
     */
    const alike = (changes, end) => changes.every((change) => change[end] === changes[0][end]);
    const word = (/** @type {Change[]} */ changes) => {
      if (!alike(changes, "to_code")) return "";
      return alike(changes, "from_code") ? way(town, changes[0]) : `→ ${grid(town, changes[0].to_code)}`;
    };
    return { symbol: () => "moved", word };
  }

  return { plan, fill, sentence, balance, mark };
})();
