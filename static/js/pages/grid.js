// The map on pages of grids, for offices, workers and residents. data-features holds the URLs of its features.
import { fetchFeatures } from "../lib/api.js";
import { loadFeatures, showReady, startZoomButtons } from "../map/controls.js";
import { startGeolocation } from "../map/geolocation.js";
import { GridLayers } from "../map/grid_layers.js";
import { startLocationPicker } from "../map/location_picker.js";

// Copy the list entry of a building beside the map. Nodes are copied, so that no text is read as markup.
function showSelectedBuilding(id) {
  const row = document.querySelector(`[data-building="${id}"]`), panel = document.getElementById("selection");
  for (const each of document.querySelectorAll("[data-building][data-selected]")) delete each.dataset.selected;
  if (row) row.dataset.selected = "";
  if (!row || !panel) return;
  panel.replaceChildren(...[...row.children].map((node) => node.cloneNode(true)));
  panel.hidden = false;
}

function startBuildingList(layers) {
  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-select-building]");
    if (!link) return;
    event.preventDefault();
    layers.select(Number(link.dataset.selectBuilding), true);
    showSelectedBuilding(link.dataset.selectBuilding);
    document.getElementById("map").scrollIntoView({ block: "start" });
  });
}

function openGridPage({ properties: { url } }) {
  if (url) location.assign(url + location.search);
}

function startLayers(map, features, figure) {
  const { pageGridCode, pickerForm } = figure.dataset;
  const layers = new GridLayers(map, features, { pageGridCode, onGridClick: openGridPage });
  if (pickerForm) {
    startLocationPicker(map, layers, document.getElementById(pickerForm), figure);
  } else {
    layers.onBuildingClick = (id) => {
      layers.select(id);
      showSelectedBuilding(id);
    };
  }
  return layers;
}

/** @param {L.Map} map */
export async function start(map) {
  const figure = document.getElementById("map"), urls = figure.dataset.features.split(" ");
  const collections = await loadFeatures(figure, Promise.all(urls.map(fetchFeatures)));
  if (!collections) return;
  const layers = startLayers(map, collections.flat(), figure);
  startZoomButtons(map, layers);
  startBuildingList(layers);
  startGeolocation(map, figure);
  showReady(figure);
}
