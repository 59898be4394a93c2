// The map on pages of grids, for offices, workers and residents. data-features holds the URLs of its features.
import { closestElement, requireElement } from "../lib/dom.js";
import { loadFeatures, showReady, startZoomButtons } from "../map/controls.js";
import { requestedFeatures } from "../map/feature_requests.js";
import { startGeolocation } from "../map/geolocation.js";
import { GridLayers } from "../map/grid_layers.js";
import { startLocationPicker } from "../map/location_picker.js";

/**
 * Copy the list entry of a building beside the map. Nodes are copied, so that no text is read as markup.
 *
 * @param {number} id
 */
function showSelectedBuilding(id) {
  const row = document.querySelector(`[data-building="${id}"]`);
  const panel = document.getElementById("selection");
  for (const each of document.querySelectorAll("[data-building][data-selected]")) each.removeAttribute("data-selected");
  row?.setAttribute("data-selected", "");
  if (!row || !panel) return;
  panel.replaceChildren(...[...row.children].map((node) => node.cloneNode(true)));
  panel.hidden = false;
}

/** @param {GridLayers} layers */
function startBuildingList(layers) {
  document.addEventListener("click", (event) => {
    const link = closestElement(event, "[data-select-building]", HTMLElement);
    if (!link) return;
    event.preventDefault();
    const id = Number(link.dataset.selectBuilding);
    layers.select(id, true);
    showSelectedBuilding(id);
    requireElement("#map", HTMLElement).scrollIntoView({ block: "start" });
  });
}

/** @param {LayerFeature} feature */
function openGridPage({ properties: { url } }) {
  if (url) location.assign(url + location.search);
}

/**
 * @param {L.Map} map
 * @param {LayerFeature[]} features
 * @param {HTMLElement} figure
 */
function startLayers(map, features, figure) {
  const { pageGridCode, pickerForm } = figure.dataset;
  const layers = new GridLayers(map, features, { pageGridCode, onGridClick: openGridPage });
  if (pickerForm) {
    startLocationPicker(map, layers, requireElement(`#${pickerForm}`, HTMLFormElement));
  } else {
    layers.onBuildingClick = (id) => {
      layers.select(id);
      showSelectedBuilding(id);
    };
  }
  return layers;
}

/**
 * Separate places from the other features of a map.
 *
 * @param {(LayerFeature | PlaceFeature)[]} features
 * @returns {[PlaceFeature[], LayerFeature[]]}
 */
function splitPlaces(features) {
  /** @type {[PlaceFeature[], LayerFeature[]]} */
  const parts = [[], []];
  for (const feature of features) {
    if (isPlace(feature)) parts[0].push(feature);
    else parts[1].push(feature);
  }
  return parts;
}

/**
 * @param {LayerFeature | PlaceFeature} feature
 * @returns {feature is PlaceFeature}
 */
const isPlace = (feature) => feature.properties.layer === "place";

/** @param {L.Map} map */
export async function start(map) {
  const figure = requireElement("#map", HTMLElement);
  const collections = await loadFeatures(figure, requestedFeatures);
  if (!collections) return;
  const [places, others] = splitPlaces(collections.flat());
  const layers = startLayers(map, others, figure);
  if ("places" in figure.dataset) (await import("../map/page_places.js")).startPlaces(map, layers, places, figure);
  startZoomButtons(map, layers);
  startBuildingList(layers);
  startGeolocation(map, figure);
  showReady(figure);
}
