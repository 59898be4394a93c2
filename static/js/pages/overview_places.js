// Places on the overview: fetched when they are first asked for, with a legend that switches their kinds.
import { fetchFeatures } from "../lib/api.js";
import { createElement, listElements, requireData, requireElement } from "../lib/dom.js";
import { startLayerSwitches } from "../map/layer_switches.js";
import { createSymbol, startPlaceInfo } from "../map/place_info.js";
import { PlaceLayer } from "../map/place_layer.js";

const PANE_NAME = "places";
const PANE_Z_INDEX = 420; // above the buildings

/**
 * @param {PlaceFeature} place
 * @param {number} count
 */
function createSwitch({ properties: { kind, symbol, kind_name } }, count) {
  const [item, label] = [createElement("li"), createElement("label", "choice")];
  const box = document.createElement("input");
  Object.assign(box, { type: "checkbox", checked: true });
  box.dataset.layer = kind;
  label.append(box, createSymbol(symbol), createElement("span", "", kind_name));
  label.append(createElement("span", "count", String(count)));
  item.append(label);
  return item;
}

/**
 * @param {HTMLElement} legend
 * @param {PlaceFeature[]} places
 */
function fillLegend(legend, places) {
  const kinds = new Map(places.map((place) => [place.properties.kind, place]));
  const count = (/** @type {string} */ kind) => places.filter(({ properties }) => properties.kind === kind).length;
  legend.replaceChildren(...[...kinds].map(([kind, place]) => createSwitch(place, count(kind))));
}

/**
 * Symbols have a canvas of their own above the tiles of buildings, which lets touches through to the grids.
 *
 * @param {L.Map} map
 * @param {HTMLElement} figure
 * @param {HTMLElement} legend
 * @param {string} url
 */
async function loadPlaces(map, figure, legend, url) {
  /** @type {PlaceFeature[]} */
  const places = await fetchFeatures(url);
  const pane = map.getPane(PANE_NAME) ?? map.createPane(PANE_NAME);
  Object.assign(pane.style, { zIndex: String(PANE_Z_INDEX), pointerEvents: "none" });
  const showInfo = startPlaceInfo(figure);
  const options = { pane: PANE_NAME, renderer: L.canvas({ pane: PANE_NAME }), interactive: false };
  const layer = new PlaceLayer(map, places, showInfo, options);
  map.on("click", ({ containerPoint }) => showInfo(legend.hidden ? [] : layer.placesAt(containerPoint)));
  fillLegend(legend, places);
  startLayerSwitches((hidden) => layer.hideKinds(hidden));
  return layer;
}

/**
 * Tie the places of the subdistrict to their switch, if the page has one.
 *
 * @param {L.Map} map
 * @param {HTMLElement} figure
 */
export function startOverviewPlaces(map, figure) {
  const [box] = listElements("#places", HTMLInputElement);
  if (!box) return;
  const legend = requireElement(".place-legend", HTMLElement, figure);
  /** @type {Promise<PlaceLayer> | null} */
  let loading = null;
  box.addEventListener("change", async () => {
    loading ??= loadPlaces(map, figure, legend, requireData(box, "url"));
    try {
      const layer = await loading;
      legend.hidden = !box.checked;
      layer.setVisible(box.checked);
    } catch {
      loading = null;
      box.checked = false;
      const status = requireElement(".map-status", HTMLElement, figure);
      Object.assign(status, { textContent: requireData(figure, "errorText"), hidden: false });
    }
  });
}
