// Requests for the features of the page's map, begun while Leaflet is still on its way.
import { fetchFeatures } from "../lib/api.js";
import { requireData, requireElement } from "../lib/dom.js";

/**
 * Fetch the features of several URLs that are separated by spaces.
 *
 * @template {MapFeature<unknown, unknown>} FeatureT
 * @param {string} urls
 * @returns {Promise<FeatureT[]>}
 */
export async function fetchAll(urls) {
  const listed = urls.split(" ").filter(Boolean);
  return (await Promise.all(listed.map((url) => /** @type {Promise<FeatureT[]>} */ (fetchFeatures(url))))).flat();
}

/** @type {Promise<LayerFeature[]>} */
export const requestedFeatures = fetchAll(requireData(requireElement("#map", HTMLElement), "features"));
requestedFeatures.catch(() => {}); // whoever waits for them shows the failure
