// Choosing the place of an incident on the map: a building or a point. The map shows whatever place the form has.
import { cssColour } from "../lib/theme.js";
import { placeFields, setPlace } from "../reports/place.js";

const MIN_ZOOM = 17; // for a place that was not chosen on the map

/**
 * Tie the map to the place of a form.
 *
 * @param {L.Map} map
 * @param {import("./grid_layers.js").GridLayers} layers
 * @param {HTMLFormElement} form
 */
export function startLocationPicker(map, layers, form) {
  const { building, longitude, latitude } = placeFields(form);
  const marker = L.circleMarker([0, 0], { radius: 10, weight: 3, fillOpacity: 0.6, interactive: false });
  const showPlace = (/** @type {boolean} */ zoom) => {
    layers.select(Number(building.value) || null, zoom);
    marker.remove();
    if (!longitude.value) return;
    const [point, color] = [L.latLng(Number(latitude.value), Number(longitude.value)), cssColour("color-error")];
    marker.setLatLng(point).setStyle({ color, fillColor: color }).addTo(map);
    if (zoom) map.setView(point, Math.max(map.getZoom(), MIN_ZOOM), { animate: false });
  };
  layers.onBuildingClick = (id) => setPlace(form, { building: String(id) }, false);
  map.on("click", ({ latlng, originalEvent }) => {
    const point = { longitude: latlng.lng, latitude: latlng.lat };
    if (!originalEvent.defaultPrevented) setPlace(form, { point }, false);
  });
  for (const layer of layers.layers.building.getLayers()) layer.on("click", L.DomEvent.stop);
  form.addEventListener("placechange", (event) => showPlace(event instanceof CustomEvent && event.detail.zoom));
  showPlace(true);
}
