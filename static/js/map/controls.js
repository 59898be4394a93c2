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
    requireElement(".map-status", HTMLElement, figure).textContent = requireData(figure, "errorText");
    figure.dataset.loadStatus = "failed";
    return null;
  }
}

/** @param {HTMLElement} figure */
export function showReady(figure) {
  requireElement(".map-status", HTMLElement, figure).hidden = true;
  figure.dataset.loadStatus = "ready";
}
