// Requests for the features of the page's map, begun while Leaflet is still on its way.
import { fetchFeatures } from "../lib/api.js";
import { requireData, requireElement } from "../lib/dom.js";

/**
 * @param {string} url
 * @returns {Promise<(LayerFeature | PlaceFeature)[]>}
 */
const fetchLayers = (url) => fetchFeatures(url);

const figure = requireElement("#map", HTMLElement);
const urls = [requireData(figure, "features"), figure.dataset.places ?? ""].join(" ").split(" ").filter(Boolean);

/** Features of each URL of the map, in the order of the page. */
export const requestedFeatures = Promise.all(urls.map(fetchLayers));
requestedFeatures.catch(() => {}); // whoever waits for them shows the failure
