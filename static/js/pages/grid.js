// The map on pages of grids, for offices, workers and residents. data-features holds the URLs of its features.
import { fetchFeatures } from "../lib/api.js";
import { closestElement, requireData, requireElement } from "../lib/dom.js";
import { loadFeatures, showReady, startZoomButtons } from "../map/controls.js";
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
    startLocationPicker(map, layers, requireElement(`#${pickerForm}`, HTMLFormElement), figure);
  } else {
    layers.onBuildingClick = (id) => {
      layers.select(id);
      showSelectedBuilding(id);
    };
  }
  return layers;
}

/**
 * @param {string} url
 * @returns {Promise<LayerFeature[]>}
 */
const fetchLayers = (url) => fetchFeatures(url);

/** @param {L.Map} map */
export async function start(map) {
  const figure = requireElement("#map", HTMLElement);
  const urls = requireData(figure, "features").split(" ");
  const collections = await loadFeatures(figure, Promise.all(urls.map(fetchLayers)));
  if (!collections) return;
  const layers = startLayers(map, collections.flat(), figure);
  startZoomButtons(map, layers);
  startBuildingList(layers);
  startGeolocation(map, figure);
  showReady(figure);
}
