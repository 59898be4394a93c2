// Requests for GeoJSON features.

/**
 * Fetch all features of a collection, page after page where the service divides it into pages.
 *
 * @param {string} url
 * @returns {Promise<object[]>}
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
