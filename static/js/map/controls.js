// Controls of the service's maps: zoom buttons and the line that tells whether the map was loaded.
import { listElements, requireData, requireElement } from "../lib/dom.js";

/**
 * Make the buttons on the map zoom in, out and to everything.
 *
 * @param {L.Map} map
 * @param {{zoomToAll: () => void}} layers
 */
export function startZoomButtons(map, layers) {
  /** @type {Record<string, () => void>} */
  const actions = { in: () => map.zoomIn(), out: () => map.zoomOut(), all: () => layers.zoomToAll() };
  for (const button of listElements("[data-zoom]", HTMLElement)) {
    button.addEventListener("click", actions[requireData(button, "zoom")]);
  }
  for (const button of listElements(".map-buttons button", HTMLElement)) L.DomEvent.disableClickPropagation(button);
}

/**
 * Await the features of a map. Tell the reader and return null if they cannot be loaded: lists and tables remain.
 *
 * @template T
 * @param {HTMLElement} figure
 * @param {Promise<T>} features
 * @returns {Promise<T | null>}
 */
export async function loadFeatures(figure, features) {
  try {
    return await features;
  } catch {
    const status = requireElement(".map-status", HTMLElement, figure);
    status.textContent = requireData(figure, "errorText");
    status.hidden = false;
    figure.dataset.loadStatus = "failed";
    return null;
  }
}

/** Tell that the map is drawn; more may come onto it. @param {HTMLElement} figure */
export function showDrawn(figure) {
  requireElement(".map-status", HTMLElement, figure).hidden = true;
  figure.dataset.drawn = "";
}

/** Tell that everything is on the map. @param {HTMLElement} figure */
export function showReady(figure) {
  showDrawn(figure);
  figure.dataset.loadStatus = "ready";
}
