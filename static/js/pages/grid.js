// The map on pages of grids, for offices, workers and residents. data-features holds the URLs of its features.
import { fetchFeatures } from "../lib/api.js";
import { closestElement, listElements, requireData, requireElement } from "../lib/dom.js";
import { loadFeatures, showReady, startZoomButtons } from "../map/controls.js";
import { startGeolocation } from "../map/geolocation.js";
import { GridLayers } from "../map/grid_layers.js";
import { startLayerSwitches } from "../map/layer_switches.js";
import { startLocationPicker } from "../map/location_picker.js";
import { startPlaceInfo } from "../map/place_info.js";
import { PlaceLayer } from "../map/place_layer.js";

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
 * @param {string} url
 * @returns {Promise<(LayerFeature | PlaceFeature)[]>}
 */
const fetchLayers = (url) => fetchFeatures(url);

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

/**
 * Draw the places of the map and tie them to the switches of the legend; pages without places have neither.
 *
 * @param {L.Map} map
 * @param {GridLayers} layers
 * @param {PlaceFeature[]} features
 * @param {HTMLElement} figure
 */
function startPlaces(map, layers, features, figure) {
  if (!("places" in figure.dataset)) return;
  const showInfo = startPlaceInfo(figure);
  const places = new PlaceLayer(map, features, showInfo);
  layers.labels.obstacles = () => places.symbolBoxes();
  layers.labels.onLayout = (taken) => places.layoutNames(taken);
  map.on("click", () => showInfo([]));
  const links = listElements("[data-sheet-link]", HTMLAnchorElement);
  startLayerSwitches((hidden) => {
    places.hideKinds(hidden);
    layers.hideLayers(hidden);
    places.bringToFront();
    for (const link of links) link.href = sheetUrl(link.href, hidden);
  });
}

/**
 * Return the address of the printed sheet with the layers that are hidden on the map.
 *
 * @param {string} href
 * @param {ReadonlySet<string>} hidden
 */
function sheetUrl(href, hidden) {
  const url = new URL(href);
  url.searchParams.delete("hide");
  for (const key of hidden) url.searchParams.append("hide", key);
  return url.href;
}

/** @param {L.Map} map */
export async function start(map) {
  const figure = requireElement("#map", HTMLElement);
  const urls = [requireData(figure, "features"), figure.dataset.places ?? ""].join(" ").split(" ").filter(Boolean);
  const collections = await loadFeatures(figure, Promise.all(urls.map(fetchLayers)));
  if (!collections) return;
  const [places, others] = splitPlaces(collections.flat());
  const layers = startLayers(map, others, figure);
  startPlaces(map, layers, places, figure);
  startZoomButtons(map, layers);
  startBuildingList(layers);
  startGeolocation(map, figure);
  showReady(figure);
}
