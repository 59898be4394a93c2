// The leader's page: map and ranking of grids, which select one another. Classes of values come with the page.
import { fetchCollections } from "../lib/api.js";
import { closestElement, listElements, requireData, requireElement } from "../lib/dom.js";
import { startSorting } from "../lib/table_sort.js";
import { cssColour } from "../lib/theme.js";
import { loadFeatures, showReady, startZoomButtons } from "../map/controls.js";
import { HeatLayers } from "../map/heat_layers.js";

const COUNT_COLOURS = 7;
const NUMBER_FORMATS = {
  number: new Intl.NumberFormat("en"),
  rate: new Intl.NumberFormat("en", { minimumFractionDigits: 1, maximumFractionDigits: 1 }),
  change: new Intl.NumberFormat("en", { signDisplay: "exceptZero" }),
};
/** @param {string | undefined} text */
const numberOrNull = (text) => (text === "" || text === undefined ? null : Number(text));

/**
 * Add what the ranking tells of each grid to its feature.
 *
 * @param {HeatFeature[]} grids
 * @param {HTMLTableElement} table
 */
function addRankingValues(grids, table) {
  for (const grid of grids) {
    const { dataset } = requireElement(`tr[data-grid="${grid.id}"]`, HTMLTableRowElement, table);
    Object.assign(grid.properties, {
      label: dataset.label,
      title: dataset.name,
      change: numberOrNull(dataset.change),
      count_class: Number(dataset.countClass),
      rate_class: dataset.rateClass || null,
      change_class: dataset.changeClass || null,
    });
  }
}

/**
 * @param {HeatMeasure} measure
 * @param {number | null | undefined} value
 */
function formatValue(measure, value) {
  return value === null || value === undefined ? "–" : NUMBER_FORMATS[measure].format(value);
}

/**
 * Return the colour of a class. A few classes are spread over the ramp: the highest always has the last colour.
 *
 * @param {number} step
 * @param {number} steps
 */
function countColour(step, steps) {
  const distance = Math.round(((steps - step) * (COUNT_COLOURS - 1)) / Math.max(steps, 2));
  return step ? `heat-${COUNT_COLOURS - distance}` : "heat-none";
}

/** @param {string | null | undefined} deviation */
const deviationColour = (deviation) => (deviation ? `deviation-${deviation.replace("_", "-")}` : "heat-none");

/**
 * Create an item of the legend. A custom property follows the scheme and the paper by itself; the map is drawn again.
 *
 * @param {string} colour
 * @param {string} text
 */
function createLegendItem(colour, text) {
  const item = document.createElement("li");
  const swatch = document.createElement("span");
  swatch.className = "heat-swatch";
  swatch.style.background = `var(--${colour})`;
  item.append(swatch, text);
  return item;
}

class HeatPage {
  /**
   * @param {L.Map} map
   * @param {HTMLElement} figure
   * @param {HeatFeatures} features
   * @param {HTMLTableElement} table
   */
  constructor(map, figure, features, table) {
    this.figure = figure;
    this.features = features;
    this.table = table;
    this.selectionText = requireElement(".heat-selection", HTMLElement, figure);
    this.legend = requireElement("#heat-legend", HTMLElement);
    const { content } = requireElement("#deviation-labels", HTMLTemplateElement);
    this.deviations = listElements("i", HTMLElement, content);
    this.layers = new HeatLayers(map, features, (feature) => this.select(feature));
    this.draw();
  }

  /** @param {string} name */
  selectedOption(name) {
    return requireElement(`input[name=${name}]:checked`, HTMLInputElement, this.figure).value;
  }

  selectedMeasure() {
    return /** @type {HeatMeasure} */ (this.selectedOption("what"));
  }

  selectedShape() {
    return /** @type {HeatShape} */ (this.selectedOption("by"));
  }

  // Squares have no change: there is no measure of this name then, or it cannot be chosen.
  limitMeasures() {
    const [change] = listElements("input[value=change]", HTMLInputElement, this.figure);
    if (!change) return;
    change.disabled = this.selectedShape() === "squares";
    if (change.checked && change.disabled)
      requireElement("input[value=rate]", HTMLInputElement, this.figure).checked = true;
  }

  draw() {
    this.limitMeasures();
    const shape = this.selectedShape();
    const measure = this.selectedMeasure();
    const places = this.features[shape === "squares" ? "squares" : "grids"];
    const steps = Math.max(0, ...places.map(({ properties }) => properties.count_class));
    this.layers.draw(
      shape,
      ({ properties }) => cssColour(this.colourOf(properties, measure, steps)),
      ({ properties }) => formatValue(measure, properties[measure]),
    );
    this.drawLegend(places, measure, steps);
  }

  /**
   * @param {HeatProperties} properties
   * @param {HeatMeasure} measure
   * @param {number} steps
   */
  colourOf(properties, measure, steps) {
    if (measure === "number") return countColour(properties.count_class, steps);
    return deviationColour(properties[`${measure}_class`]);
  }

  /**
   * @param {HeatFeature[]} places
   * @param {HeatMeasure} measure
   * @param {number} steps
   */
  drawLegend(places, measure, steps) {
    const items = measure === "number" ? this.countLegend(places, steps) : this.deviationLegend(places, measure);
    this.legend.replaceChildren(...items.map(([colour, text]) => createLegendItem(colour, text)));
  }

  /**
   * Return colours and texts. The limits of a class are the smallest and the largest number in it.
   *
   * @param {HeatFeature[]} places
   * @param {number} steps
   */
  countLegend(places, steps) {
    const items = places.some(({ properties }) => !properties.number)
      ? [["heat-none", requireData(this.figure, "noneLabel")]]
      : [];
    for (let step = 1; step <= steps; step += 1) {
      const numbers = places
        .filter(({ properties }) => properties.count_class === step)
        .map(({ properties }) => properties.number);
      if (!numbers.length) continue;
      const limits = [...new Set([Math.min(...numbers), Math.max(...numbers)])];
      items.push([countColour(step, steps), limits.map((limit) => formatValue("number", limit)).join("–")]);
    }
    return items;
  }

  /**
   * @param {HeatFeature[]} places
   * @param {"rate" | "change"} measure
   */
  deviationLegend(places, measure) {
    const found = new Set(places.map(({ properties }) => properties[`${measure}_class`]));
    const items = this.deviations
      .filter(({ dataset }) => found.has(dataset.deviation))
      .map(({ dataset, textContent }) => [deviationColour(dataset.deviation), textContent]);
    return found.has(null) ? [...items, ["heat-none", requireData(this.figure, "noRateLabel")]] : items;
  }

  /** @param {HeatPlace} feature */
  select(feature) {
    const { title, number, rate } = feature.properties;
    const { unitCount, unitRate } = this.figure.dataset;
    const rateText = rate === null ? "" : ` · ${formatValue("rate", rate)} ${unitRate}`;
    const titleText = title ? `${title}: ` : "";
    this.selectionText.textContent = `${titleText}${formatValue("number", number)} ${unitCount}${rateText}`;
    if (feature.id === undefined) return;
    this.layers.select(this.features.grids.find(({ id }) => id === feature.id) ?? feature);
    for (const row of this.table.tBodies[0].rows)
      row.toggleAttribute("data-selected", Number(row.dataset.grid) === feature.id);
    this.showRow(feature.id);
  }

  /**
   * Scroll the ranking in its frame only; the page stays where it is.
   *
   * @param {number} id
   */
  showRow(id) {
    const row = requireElement(`#grid-${id}`, HTMLElement);
    const frame = row.closest(".table-frame");
    if (frame && frame.scrollHeight > frame.clientHeight) frame.scrollTop = row.offsetTop - frame.clientHeight / 2;
  }

  /** @param {number} id */
  selectId(id) {
    const grid = this.features.grids.find((each) => each.id === id);
    if (grid) this.select(grid);
  }

  selectHash() {
    const match = location.hash.match(/^#grid-(\d+)$/);
    if (match) this.selectId(Number(match[1]));
  }
}

/**
 * @param {HTMLElement} figure
 * @returns {Promise<HeatFeatures>}
 */
function fetchAll(figure) {
  return fetchCollections(figure, ["grids", "squares", "communities", "streets", "streetNames"]);
}

/** @param {L.Map} map */
export async function start(map) {
  const figure = requireElement("#map", HTMLElement);
  const table = requireElement("#heat-table", HTMLTableElement);
  startSorting(table);
  const features = await loadFeatures(figure, fetchAll(figure));
  if (!features) return;
  addRankingValues(features.grids, table);
  const page = new HeatPage(map, figure, features, table);
  for (const input of figure.querySelectorAll("input[type=radio]")) input.addEventListener("change", () => page.draw());
  requireElement("main", HTMLElement).addEventListener("click", (event) => {
    const link = closestElement(event, "a[data-select-grid]", HTMLAnchorElement);
    if (!link) return;
    event.preventDefault();
    history.replaceState(null, "", link.hash);
    page.selectId(Number(link.dataset.selectGrid));
  });
  startZoomButtons(map, page.layers);
  page.selectHash();
  showReady(figure);
}
