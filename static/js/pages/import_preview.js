// The places of an import before it is applied: new, changed, unchanged and faulty rows on the map of the subdistrict.
import { fetchCollections } from "../lib/api.js";
import { requireData, requireElement } from "../lib/dom.js";
import { cssColour, darkMode } from "../lib/theme.js";
import { loadFeatures, showReady, startZoomButtons } from "../map/controls.js";
import { communityBorderStyle, communityFillStyle, streetStyle } from "../map/styles.js";

const MAX_ZOOM = 21;
const POINT_RADIUS_PX = 6;
/** @type {L.FitBoundsOptions} */
const FIT = { padding: [24, 24], maxZoom: 18, animate: false };
/** @type {Record<PreviewState, {colour: string, dashArray?: string, weight: number}>} */
const STATES = {
  faulty: { colour: "color-error", dashArray: "6 4", weight: 3.5 },
  new: { colour: "status-in-range", weight: 3 },
  changed: { colour: "status-over", weight: 3 },
  contradiction: { colour: "status-dedicated", dashArray: "2 4", weight: 3 },
  gone: { colour: "color-text-muted", dashArray: "2 4", weight: 2 },
  unchanged: { colour: "color-text-muted", weight: 1.5 },
};

/**
 * Return the style of a row by what the import would do with it.
 *
 * @param {PreviewFeature} feature
 */
export function previewStyle({ properties }) {
  const { colour, dashArray, weight } = STATES[properties.state];
  const fillOpacity = properties.state === "unchanged" ? 0.08 : 0.25;
  return { color: cssColour(colour), fillColor: cssColour(colour), dashArray, weight, fillOpacity };
}

/**
 * Return the features in the order in which they are drawn: the most important ones last, so that they lie on top.
 *
 * @param {PreviewFeature[]} features
 */
export function sortForDrawing(features) {
  const order = Object.keys(STATES).reverse();
  return features.toSorted((a, b) => order.indexOf(a.properties.state) - order.indexOf(b.properties.state));
}

/** @param {L.Map} map */
export async function start(map) {
  const figure = requireElement("#map", HTMLElement);
  const status = requireElement("[data-row-status]", HTMLElement, figure);
  /** @type {{streets: StreetFeature[], features: PreviewFeature[]} | null} */
  const loaded = await loadFeatures(figure, fetchCollections(figure, ["streets", "features"]));
  if (!loaded) return;
  map.setMaxZoom(MAX_ZOOM);
  const border = JSON.parse(requireData(figure, "border"));
  const area = L.geoJSON(border, { interactive: false, style: communityFillStyle }).addTo(map);
  const streets = L.geoJSON(loaded.streets, { interactive: false, style: streetStyle }).addTo(map);
  const outline = L.geoJSON(border, { interactive: false, style: communityBorderStyle }).addTo(map);
  const rows = L.geoJSON(sortForDrawing(loaded.features), {
    style: previewStyle,
    pointToLayer: (_feature, point) => L.circleMarker(point, { radius: POINT_RADIUS_PX }),
    onEachFeature: ({ properties }, layer) => {
      const words = requireData(status, properties.state);
      layer.on("click", () => {
        status.textContent = requireData(status, "row")
          .replace("{row}", String(properties.row))
          .replace("{state}", words);
      });
    },
  }).addTo(map);
  darkMode.addEventListener("change", () => {
    area.setStyle(communityFillStyle);
    streets.setStyle(streetStyle);
    outline.setStyle(communityBorderStyle);
    rows.setStyle(previewStyle);
  });
  const zoomToAll = () => map.fitBounds(rows.getBounds(), FIT);
  startZoomButtons(map, { zoomToAll });
  zoomToAll();
  showReady(figure);
}
