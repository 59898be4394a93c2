// Faults in words: their kinds and how grave they are, a row of the list, the panel, the mark on the map.
"use strict";

gridmap.faults = (() => {
  const { make, symbol } = gridmap.dom;
  const { say, number, MISSING } = gridmap.words;
  /** @type {Record<Severity, string>} */
  const SEVERITY = { high: "grave", medium: "medium", low: "slight" };
  /** @type {Record<string, string>} */
  const KIND = {
    gap: "gap",
    overlap: "overlap",
    spill: "beyond the boundary",
    foreign_community: "in another community",
    multipart: "detached piece",
    duplicate: "duplicate",
    invalid: "invalid outline",
    unassigned_building: "building in no grid",
    building_cut: "building cut",
    courtyard_split: "courtyard split",
    oversize: "too large",
    undersize: "too small",
    too_wide: "too wide",
    empty_grid: "nobody lives there",
    missing_code: "no code",
  };

  /** @param {{kind: string}} fault */
  function kind(fault) {
    return say(KIND[fault.kind]);
  }

  /**
   * @param {Town} town
   * @param {Fault} fault
   * @param {number} most
   */
  function grids(town, fault, most = Infinity) {
    const names = [...new Set(fault.grids)].map((code) => gridmap.town.short(town, code));
    const more = names.length > most ? [`+${number(names.length - most)}`] : [];
    return [...names.slice(0, most), ...more].join(", ");
  }

  /**
   * @param {Town} town
   * @param {Fault} fault
   */
  function community(town, fault) {
    return fault.community_code && town.communities.shapes.length > 1 ? gridmap.details.community(town, fault) : "";
  }

  /** @param {Fault} fault */
  function people(fault) {
    return gridmap.words.households(fault.households, fault.estimated);
  }

  /** @param {number | null} square in m² */
  function area(square) {
    if (!square) return MISSING;
    return square < 10000
      ? say("{area} m²", { area: number(square, square < 10 ? 1 : 0) })
      : gridmap.details.hectares(square);
  }

  /** @param {Fault} fault */
  function suggestion(fault) {
    return fault.suggestion?.[gridmap.words.current()] || "";
  }

  /** @param {Severity} severity */
  function badge(severity) {
    const node = make("span", `badge ${severity}`);
    node.append(symbol(severity), make("span", "", say(SEVERITY[severity])));
    return node;
  }

  // Rows

  /**
   * @param {Town} town
   * @param {Fault} fault
   */
  function row(town, fault) {
    const where = [fault.place, grids(town, fault, 3), community(town, fault)].filter(Boolean);
    const title = make("span", "row-title");
    title.append(symbol(fault.severity), make("b", "", where[0] || kind(fault)));
    const words = [kind(fault), say(SEVERITY[fault.severity]), ...where.slice(1)].join(" · ");
    return gridmap.table.row(
      fault.severity,
      [title, make("small", "", words), make("small", "slim", suggestion(fault))],
      [
        ["wide advice", suggestion(fault)],
        ["number", area(fault.area_m2)],
        ["number", people(fault)],
      ],
    );
  }

  /** @param {Fault[]} faults */
  function head(faults) {
    const word = make("span", "group-word", kind(faults[0]));
    const households = faults.reduce((sum, fault) => sum + fault.new_households, 0);
    const [people] = gridmap.words.counts(
      households,
      faults.some((fault) => fault.estimated),
      0,
    );
    const told = households ? [make("small", "", people)] : [];
    return [symbol(faults[0].severity), word, make("span", "count", number(faults.length)), ...told];
  }

  /**
   * @param {Town} town
   * @returns {TablePlan<Fault>}
   */
  function plan(town) {
    return {
      records: town.faults ?? [],
      row: (fault) => row(town, fault),
      head,
      few: 5,
      sort: "gravity",
      falling: ["area", "households"],
      group: (fault) => `${fault.severity} ${fault.kind}`,
      sorts: {
        gravity: (a, b) => a.position - b.position,
        area: (a, b) => (a.area_m2 || 0) - (b.area_m2 || 0),
        households: (a, b) => (a.households || 0) - (b.households || 0),
      },
    };
  }

  // Panel

  /**
   * @param {Town} town
   * @param {Fault} fault
   */
  function figures(town, fault) {
    /** @type {[string, string | null][]} */
    const told = [
      ["Building", fault.place],
      ["Area", fault.area_m2 ? area(fault.area_m2) : ""],
      [
        "Widest place",
        fault.width_m ? say("{length} m", { length: number(fault.width_m, fault.width_m < 10 ? 2 : 0) }) : "",
      ],
      ["Grids", grids(town, fault)],
      ["Community", community(town, fault)],
      ["Households", people(fault)],
      ["Buildings", fault.buildings ? number(fault.buildings) : ""],
      ["Number", number(fault.id)],
    ];
    return told.flatMap(([name, value]) => gridmap.details.pairsOf(name, value));
  }

  /**
   * @param {HTMLElement} panel
   * @param {Town} town
   * @param {Fault} fault
   */
  function fill(panel, town, fault) {
    const title = make("p", "details-head");
    title.append(make("strong", "details-kind", kind(fault)), badge(fault.severity));
    const advice = suggestion(fault) ? [make("p", `reason ${fault.severity}`, suggestion(fault))] : [];
    panel.replaceChildren(title, ...advice, gridmap.details.list(figures(town, fault)));
  }

  /** @param {Fault} fault */
  function sentence(fault) {
    const told = { kind: kind(fault), severity: say(SEVERITY[fault.severity]), advice: suggestion(fault) };
    return say("Fault: {kind}, {severity}. {advice}", told);
  }

  /**
   * Return what the pointer tells.
   *
   * @param {Fault} fault
   */
  function told(fault) {
    return [`${kind(fault)} · ${say(SEVERITY[fault.severity])}`, suggestion(fault)];
  }

  // Mark

  /** @param {Fault[]} faults */
  function word(faults) {
    return faults.every((fault) => fault.kind === faults[0].kind) ? kind(faults[0]) : "";
  }

  /** @type {MarkPlan<Fault>} */
  const mark = { symbol: (fault) => fault.severity, word };

  return { SEVERITY, kind, plan, fill, sentence, mark, told };
})();
