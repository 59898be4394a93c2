// One grid in words and figures: the panel beside the map, the tip under the pointer, the sentence for a screen reader.
"use strict";

gridmap.details = (() => {
  const HECTARE = 10000;
  const { make, symbol } = gridmap.dom;
  const { say, number, households, estimated, MISSING } = gridmap.words;

  /** @param {number | null} area in m² */
  function hectares(area) {
    return area === null ? MISSING : say("{area} ha", { area: number(area / HECTARE, 2) });
  }

  /** @param {number | null} length */
  function metres(length) {
    return length === null ? MISSING : say("{length} m", { length: number(length) });
  }

  /**
   * @param {Town} town
   * @param {{community_code: string | null}} grid or a fault
   */
  function community(town, grid) {
    const position = town.communities.code.indexOf(grid.community_code ?? "");
    return town.communities.name[position] || grid.community_code || MISSING;
  }

  /** @param {Grid} grid */
  function kind(grid) {
    return say(grid.kind === "dedicated" ? "dedicated grid" : "household grid");
  }

  /** @param {Grid} grid */
  function reason(grid) {
    return grid.reason?.[gridmap.words.current()] || "";
  }

  /**
   * @param {Town} town
   * @param {Grid} grid
   * @returns {[string, string][]} names and values
   */
  function figures(town, grid) {
    return [
      ["Households", [households(grid.households, grid.range), estimated(grid.range)].filter(Boolean).join(" · ")],
      ["Buildings", number(grid.buildings)],
      ["Area", hectares(grid.area_m2)],
      ["Perimeter", metres(grid.perimeter_m)],
      ["Radius", metres(grid.radius_m)],
      ["Compactness (circle = 1)", number(grid.polsby_popper, 2)],
      ["Community", community(town, grid)],
      ["Grid code", grid.code],
      ["Kind", kind(grid)],
      ...pairsOf("Place", grid.place),
      ...pairsOf(
        "Faults",
        town.faults && number(town.faults.filter((fault) => fault.grids.includes(grid.code)).length),
      ),
    ];
  }

  /**
   * @param {string} name
   * @param {string | null} value
   * @returns {[string, string][]} nothing without a value
   */
  function pairsOf(name, value) {
    return value ? [[name, value]] : [];
  }

  /** @param {FileGridStatus} state */
  function badge(state) {
    const node = make("span", `badge ${state}`);
    node.append(symbol(state), make("span", "", say(gridmap.town.WORD[state])));
    return node;
  }

  /** @param {[string, string][]} pairs names and values */
  function list(pairs) {
    const node = make("dl", "figures");
    for (const [name, value] of pairs) {
      const row = make("div");
      row.append(make("dt", "", say(name)), make("dd", "", value));
      node.append(row);
    }
    return node;
  }

  /**
   * @param {HTMLElement} panel
   * @param {Town} town
   * @param {Grid} grid
   */
  function fill(panel, town, grid) {
    const head = make("p", "details-head");
    head.append(make("strong", "details-code", grid.short), badge(grid.state));
    const why = reason(grid) ? [make("p", `reason ${grid.state}`, reason(grid))] : [];
    const balance = gridmap.changes.balance(town, grid.code);
    panel.replaceChildren(head, ...why, ...lines(balance), list(figures(town, grid)));
  }

  /** @param {string[]} texts */
  function lines(texts) {
    if (!texts.length) return [];
    const node = make("ul", "balance");
    node.append(...texts.map((text) => make("li", "", text)));
    return [node];
  }

  /**
   * @param {HTMLElement} panel
   * @param {string} hint
   */
  function empty(panel, hint) {
    panel.replaceChildren(make("p", "hint", hint));
  }

  /** @param {Grid} grid */
  function sentence(grid) {
    const values = {
      code: grid.short,
      households: households(grid.households, grid.range),
      status: say(gridmap.town.WORD[grid.state]),
    };
    return [say("Grid {code}: {households} households, {status}.", values), reason(grid)].join(" ").trim();
  }

  /**
   * @param {Grid | null} grid
   * @param {string[]} others
   */
  function tip(grid, others) {
    const node = make("div", "tip");
    if (grid) {
      const head = make("p", "tip-head");
      head.append(make("b", "", grid.short), badge(grid.state));
      const counts = { households: households(grid.households, grid.range), buildings: number(grid.buildings) };
      node.append(head, make("p", "", say("{households} households, {buildings} buildings", counts)));
      if (grid.range) node.append(make("p", "", estimated(grid.range)));
      if (reason(grid)) node.append(make("p", "tip-reason", reason(grid)));
    }
    node.append(...others.map((text) => make("p", "tip-place", text)));
    return node;
  }

  return { fill, empty, sentence, tip, badge, hectares, community, reason, list, pairsOf };
})();
