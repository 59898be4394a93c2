// Controls of the service's maps: zoom buttons and the line that tells whether the map was loaded.

/**
 * Make the buttons on the map zoom in, out and to everything.
 *
 * @param {L.Map} map
 * @param {{zoomToAll: () => void}} layers
 */
export function startZoomButtons(map, layers) {
  const actions = { in: () => map.zoomIn(), out: () => map.zoomOut(), all: () => layers.zoomToAll() };
  for (const button of document.querySelectorAll("[data-zoom]")) {
    button.addEventListener("click", actions[button.dataset.zoom]);
  }
  for (const button of document.querySelectorAll(".map-buttons button")) L.DomEvent.disableClickPropagation(button);
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
    figure.querySelector(".map-status").textContent = figure.dataset.errorText;
    figure.dataset.loadStatus = "failed";
    return null;
  }
}

/** @param {HTMLElement} figure */
export function showReady(figure) {
  figure.querySelector(".map-status").hidden = true;
  figure.dataset.loadStatus = "ready";
}
