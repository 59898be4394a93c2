// The map on pages of grids, for offices, workers and residents. data-features holds the URLs of its features.
import { closestElement, listElements, requireData, requireElement } from "../lib/dom.js";
import { loadFeatures, showDrawn, showReady, startZoomButtons } from "../map/controls.js";
import { fetchAll, requestedFeatures } from "../map/feature_requests.js";
import { startGeolocation } from "../map/geolocation.js";
import { GridLayers } from "../map/grid_layers.js";

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
async function startLayers(map, features, figure) {
  const { pageGridCode, pickerForm } = figure.dataset;
  const layers = new GridLayers(map, features, { pageGridCode, onGridClick: openGridPage });
  if (pickerForm) {
    const { startLocationPicker } = await import("../map/location_picker.js");
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
 * Draw the places of the map, whose scripts and features come once the rest is drawn.
 *
 * @param {L.Map} map
 * @param {GridLayers} layers
 * @param {HTMLElement} figure
 */
async function startPlaces(map, layers, figure) {
  for (const { content } of listElements("#place-files", HTMLTemplateElement)) document.head.append(content);
  /** @type {Promise<PlaceFeature[]>} */
  const features = fetchAll(requireData(figure, "places"));
  const [script, places] = await Promise.all([import("../map/page_places.js"), loadFeatures(figure, features)]);
  if (places) script.startPlaces(map, layers, places, figure);
  return places !== null;
}

/** @param {L.Map} map */
export async function start(map) {
  const figure = requireElement("#map", HTMLElement);
  const features = await loadFeatures(figure, requestedFeatures);
  if (!features) return;
  const layers = await startLayers(map, features, figure);
  startZoomButtons(map, layers);
  startBuildingList(layers);
  startGeolocation(map, figure);
  showDrawn(figure);
  if (!("places" in figure.dataset) || (await startPlaces(map, layers, figure))) showReady(figure);
}
