// The heatmap of incidents: by grid or by square, as counts or per 100 households, in five colours by quantile.
import { fetchFeatures } from "../lib/api.js";
import { cssColour } from "../lib/theme.js";
import { loadFeatures, showReady, startZoomButtons } from "../map/controls.js";
import { communityFillStyle } from "../map/styles.js";

const COLOUR_STEPS = 5;
const NUMBER_FORMATS = {
  number: new Intl.NumberFormat("en"),
  rate: new Intl.NumberFormat("en", { minimumFractionDigits: 1, maximumFractionDigits: 1 }),
};

// Return the least value of each step; equal values share a step.
function quantileBreaks(values) {
  const sorted = values.filter((value) => value > 0).sort((a, b) => a - b);
  const breaks = Array.from({ length: COLOUR_STEPS }, (_, step) =>
    sorted[Math.floor((step * sorted.length) / COLOUR_STEPS)]);
  return [...new Set(breaks.filter((value) => value !== undefined))];
}

const stepColour = (breaks, step) => cssColour(step ? `heat-${COLOUR_STEPS - breaks.length + step}` : "heat-none");

function createLegendItem(colour, text) {
  const item = document.createElement("li"), swatch = document.createElement("span");
  swatch.className = "heat-swatch";
  swatch.style.background = colour;
  item.append(swatch, text);
  return item;
}

class HeatLayers {
  constructor(map, figure, features) {
    Object.assign(this, { map, figure, features, layer: null });
    this.selectionText = figure.querySelector(".heat-selection");
    this.legend = document.getElementById("heat-legend");
    const addLayer = (layer, style) => L.geoJSON(layer, { interactive: false, style }).addTo(map);
    addLayer(features.communities, communityFillStyle());
    addLayer(features.streets, { color: cssColour("color-border-strong"), opacity: 0.5, weight: 1 });
    const borderStyle = { color: cssColour("color-text"), weight: 2, dashArray: "12 4 3 4", fill: false };
    this.borders = addLayer(features.communities, borderStyle);
    this.draw();
    this.zoomToAll();
  }

  selectedOption(name) {
    return this.figure.querySelector(`input[name=${name}]:checked`).value;
  }

  draw() {
    const measure = this.selectedOption("what"), features = this.features[this.selectedOption("by")];
    const breaks = quantileBreaks(features.map(({ properties }) => properties[measure] ?? 0));
    const style = ({ properties }) => ({ color: cssColour("color-text-muted"), weight: 1, fillOpacity: 0.85,
                                         fillColor: this.fillColour(properties[measure], breaks) });
    const onEachFeature = (feature, layer) => layer.on("click", () => this.showFeature(feature));
    this.layer?.remove();
    this.layer = L.geoJSON(features, { style, onEachFeature }).addTo(this.map);
    this.borders.bringToFront();
    this.drawLegend(breaks, measure);
    this.selectionText.textContent = this.selectionText.dataset.emptyText;
  }

  fillColour(value, breaks) {
    return stepColour(breaks, value ? breaks.filter((least) => value >= least).length : 0);
  }

  showFeature({ properties: { name, number, rate } }) {
    const { unitCount, unitRate } = this.figure.dataset;
    const rateText = rate === null ? "" : ` · ${NUMBER_FORMATS.rate.format(rate)} ${unitRate}`;
    this.selectionText.textContent = `${name ? `${name}: ` : ""}${NUMBER_FORMATS.number.format(number)} ${unitCount}${rateText}`;
  }

  drawLegend(breaks, measure) {
    const texts = breaks.map((least) => `≥ ${NUMBER_FORMATS[measure].format(least)}`);
    const items = [this.legend.dataset.lowestLabel, ...texts];
    this.legend.replaceChildren(...items.map((text, step) => createLegendItem(stepColour(breaks, step), text)));
  }

  zoomToAll() {
    const bounds = this.borders.getBounds();
    if (bounds.isValid()) this.map.fitBounds(bounds, { padding: [12, 12], animate: false });
  }
}

async function fetchAll({ grids, squares, communities, streets }) {
  const features = await Promise.all([grids, squares, communities, streets].map(fetchFeatures));
  return { grids: features[0], squares: features[1], communities: features[2], streets: features[3] };
}

/** @param {L.Map} map */
export async function start(map) {
  const figure = document.getElementById("map");
  const features = await loadFeatures(figure, fetchAll(figure.dataset));
  if (!features) return;
  const layers = new HeatLayers(map, figure, features);
  for (const input of figure.querySelectorAll("input[type=radio]")) input.addEventListener("change", () => layers.draw());
  startZoomButtons(map, layers);
  showReady(figure);
}
