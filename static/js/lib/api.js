// Requests for GeoJSON features.
import { requireData } from "./dom.js";

/**
 * Fetch all features of a collection, page after page where the service divides it into pages.
 *
 * @template {MapFeature<unknown, unknown>} FeatureT
 * @param {string} url
 * @returns {Promise<FeatureT[]>}
 */
export async function fetchFeatures(url) {
  const features = [];
  for (let page = 1, pages = 1; page <= pages; page += 1) {
    const collection = await fetchJson(page === 1 ? url : pageUrl(url, page));
    features.push(...collection.features);
    pages = collection.pages ?? 1;
  }
  return features;
}

/**
 * Fetch the collections whose URLs are data attributes of an element.
 *
 * @template {object} CollectionsT
 * @param {HTMLElement} element
 * @param {(keyof CollectionsT & string)[]} names of the attributes, as in `dataset`
 * @returns {Promise<CollectionsT>}
 */
export async function fetchCollections(element, names) {
  const collections = await Promise.all(names.map((name) => fetchFeatures(requireData(element, name))));
  const byName = Object.fromEntries(names.map((name, index) => [name, collections[index]]));
  return /** @type {CollectionsT} */ (byName);
}

/** @param {string | URL} url */
async function fetchJson(url) {
  const response = await fetch(url, { headers: { "Accept-Language": document.documentElement.lang } });
  if (!response.ok) throw new Error(`${response.status} ${url}`);
  return response.json();
}

/**
 * @param {string} url
 * @param {number} page
 */
function pageUrl(url, page) {
  const result = new URL(url, location.href);
  result.searchParams.set("page", String(page));
  return result;
}
