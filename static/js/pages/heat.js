// The leader's page: map and ranking of grids, which select one another. Classes of values come with the page.
import { fetchFeatures } from "../lib/api.js";
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
const numberOrNull = (text) => (text === "" || text === undefined ? null : Number(text));

// Add what the ranking tells of each grid to its feature.
function addRankingValues(grids, table) {
  for (const grid of grids) {
    const { dataset } = table.querySelector(`tr[data-grid="${grid.id}"]`);
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

function formatValue(measure, value) {
  return value === null || value === undefined ? "–" : NUMBER_FORMATS[measure].format(value);
}

// Colours of a few classes are spread over the ramp: the highest class always has the last one.
function countColour(step, steps) {
  const distance = Math.round(((steps - step) * (COUNT_COLOURS - 1)) / Math.max(steps, 2));
  return step ? `heat-${COUNT_COLOURS - distance}` : "heat-none";
}

const deviationColour = (deviation) => (deviation ? `deviation-${deviation.replace("_", "-")}` : "heat-none");

// A custom property follows the scheme and the paper by itself; the map is drawn again.
function createLegendItem(colour, text) {
  const item = document.createElement("li"), swatch = document.createElement("span");
  swatch.className = "heat-swatch";
  swatch.style.background = `var(--${colour})`;
  item.append(swatch, text);
  return item;
}

class HeatPage {
  constructor(map, figure, features, table) {
    Object.assign(this, { figure, features, table });
    this.selectionText = figure.querySelector(".heat-selection");
    this.legend = document.getElementById("heat-legend");
    this.deviations = [...document.getElementById("deviation-labels").content.querySelectorAll("i")];
    this.layers = new HeatLayers(map, features, (feature) => this.select(feature));
    this.draw();
  }

  selectedOption(name) {
    return this.figure.querySelector(`input[name=${name}]:checked`).value;
  }

  draw() {
    const shape = this.selectedOption("by"), change = this.figure.querySelector("input[value=change]");
    if (change) change.disabled = shape === "squares";
    if (change?.checked && shape === "squares") this.figure.querySelector("input[value=rate]").checked = true;
    const measure = this.selectedOption("what"), places = this.features[shape === "squares" ? "squares" : "grids"];
    const steps = Math.max(0, ...places.map(({ properties }) => properties.count_class));
    this.layers.draw(shape, ({ properties }) => cssColour(this.colourOf(properties, measure, steps)),
                     ({ properties }) => formatValue(measure, properties[measure]));
    this.drawLegend(places, measure, steps);
  }

  colourOf(properties, measure, steps) {
    if (measure === "number") return countColour(properties.count_class, steps);
    return deviationColour(properties[`${measure}_class`]);
  }

  drawLegend(places, measure, steps) {
    const items = measure === "number" ? this.countLegend(places, steps) : this.deviationLegend(places, measure);
    this.legend.replaceChildren(...items.map(([colour, text]) => createLegendItem(colour, text)));
  }

  // The limits of a class are the smallest and the largest number in it.
  countLegend(places, steps) {
    const items = places.some(({ properties }) => !properties.number)
      ? [["heat-none", this.figure.dataset.noneLabel]] : [];
    for (let step = 1; step <= steps; step += 1) {
      const numbers = places.filter(({ properties }) => properties.count_class === step)
        .map(({ properties }) => properties.number);
      if (!numbers.length) continue;
      const limits = [...new Set([Math.min(...numbers), Math.max(...numbers)])];
      items.push([countColour(step, steps), limits.map((limit) => formatValue("number", limit)).join("–")]);
    }
    return items;
  }

  deviationLegend(places, measure) {
    const found = new Set(places.map(({ properties }) => properties[`${measure}_class`]));
    const items = this.deviations.filter(({ dataset }) => found.has(dataset.deviation)).map(({ dataset, textContent }) =>
      [deviationColour(dataset.deviation), textContent]);
    return found.has(null) ? [...items, ["heat-none", this.figure.dataset.noRateLabel]] : items;
  }

  select(feature) {
    const { title, number, rate } = feature.properties, { unitCount, unitRate } = this.figure.dataset;
    const rateText = rate === null ? "" : ` · ${formatValue("rate", rate)} ${unitRate}`;
    this.selectionText.textContent = `${title ? `${title}: ` : ""}${formatValue("number", number)} ${unitCount}${rateText}`;
    if (feature.id === undefined) return;
    this.layers.select(this.features.grids.find(({ id }) => id === feature.id));
    for (const row of this.table.tBodies[0].rows) row.toggleAttribute("data-selected", Number(row.dataset.grid) === feature.id);
    this.showRow(feature.id);
  }

  // Scroll the ranking in its frame only; the page stays where it is.
  showRow(id) {
    const row = document.getElementById(`grid-${id}`), frame = row.closest(".table-frame");
    if (frame.scrollHeight > frame.clientHeight) frame.scrollTop = row.offsetTop - frame.clientHeight / 2;
  }

  selectId(id) {
    const grid = this.features.grids.find((each) => each.id === id);
    if (grid) this.select(grid);
  }

  selectHash() {
    const match = location.hash.match(/^#grid-(\d+)$/);
    if (match) this.selectId(Number(match[1]));
  }
}

async function fetchAll({ grids, squares, communities, streets, streetNames }) {
  const features = await Promise.all([grids, squares, communities, streets, streetNames].map(fetchFeatures));
  const names = ["grids", "squares", "communities", "streets", "streetNames"];
  return Object.fromEntries(names.map((name, index) => [name, features[index]]));
}

/** @param {L.Map} map */
export async function start(map) {
  const figure = document.getElementById("map"), table = document.getElementById("heat-table");
  startSorting(table);
  const features = await loadFeatures(figure, fetchAll(figure.dataset));
  if (!features) return;
  addRankingValues(features.grids, table);
  const page = new HeatPage(map, figure, features, table);
  for (const input of figure.querySelectorAll("input[type=radio]")) input.addEventListener("change", () => page.draw());
  document.querySelector("main").addEventListener("click", (event) => {
    const link = event.target.closest("a[data-select-grid]");
    if (!link) return;
    event.preventDefault();
    history.replaceState(null, "", link.hash);
    page.selectId(Number(link.dataset.selectGrid));
  });
  startZoomButtons(map, page.layers);
  page.selectHash();
  showReady(figure);
}
