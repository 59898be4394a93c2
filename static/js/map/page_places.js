// Places on the map of a page, loaded by the pages that have some.
import { listElements } from "../lib/dom.js";
import { startLayerSwitches } from "./layer_switches.js";
import { startPlaceInfo } from "./place_info.js";
import { PlaceLayer } from "./place_layer.js";

/**
 * Draw the places of the map and tie them to the switches of the legend.
 *
 * @param {L.Map} map
 * @param {import("./grid_layers.js").GridLayers} layers
 * @param {PlaceFeature[]} features
 * @param {HTMLElement} figure
 */
export function startPlaces(map, layers, features, figure) {
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
