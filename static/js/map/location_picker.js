// Choosing the place of an incident: a building, a point on the map, or the position of the phone.
import { listElements, requireElement } from "../lib/dom.js";
import { cssColour } from "../lib/theme.js";
import { canGeolocate, showDenied } from "./geolocation.js";

const COORDINATE_DECIMALS = 6; // of a degree: 0.1 m

/**
 * Tie the map to the fields building, longitude, latitude and outside_confirmed of a form.
 *
 * @param {L.Map} map
 * @param {import("./grid_layers.js").GridLayers} layers
 * @param {HTMLFormElement} form
 * @param {HTMLElement} figure
 */
export function startLocationPicker(map, layers, form, figure) {
  const building = requireElement("[name=building]", HTMLSelectElement, form);
  const longitude = requireElement("[name=longitude]", HTMLInputElement, form);
  const latitude = requireElement("[name=latitude]", HTMLInputElement, form);
  const outsideConfirmed = requireElement("[name=outside_confirmed]", HTMLInputElement, form);
  /** @type {L.CircleMarker | null} */
  let marker = null;
  const drawMarker = (/** @type {L.LatLng} */ point) => {
    marker ??= L.circleMarker(point, { radius: 10, weight: 3, fillOpacity: 0.6, interactive: false });
    const color = cssColour("color-error");
    marker.setLatLng(point).setStyle({ color, fillColor: color }).addTo(map);
  };
  const setLocation = (/** @type {L.LatLng} */ point) => {
    [building.value, outsideConfirmed.value] = ["", ""];
    longitude.value = point.lng.toFixed(COORDINATE_DECIMALS);
    latitude.value = point.lat.toFixed(COORDINATE_DECIMALS);
    drawMarker(point);
    layers.select(null);
  };
  const selectBuilding = (/** @type {number | null} */ id, /** @type {boolean} */ zoom) => {
    building.value = id === null ? "" : String(id);
    [longitude.value, latitude.value, outsideConfirmed.value] = ["", "", ""];
    marker?.remove();
    layers.select(id, zoom);
  };
  layers.onBuildingClick = (id) => selectBuilding(id, false);
  map.on("click", ({ latlng, originalEvent }) => {
    if (!originalEvent.defaultPrevented) setLocation(latlng);
  });
  for (const layer of layers.layers.building.getLayers()) layer.on("click", L.DomEvent.stop);
  building.addEventListener("change", () => selectBuilding(Number(building.value) || null, true));
  if (building.value) layers.select(Number(building.value), true);
  else if (longitude.value) drawMarker(L.latLng(Number(latitude.value), Number(longitude.value)));
  startPositionButton(map, figure, setLocation);
}

/**
 * @param {L.Map} map
 * @param {HTMLElement} figure
 * @param {(point: L.LatLng) => void} setLocation
 */
function startPositionButton(map, figure, setLocation) {
  const [button] = listElements("[data-use-position]", HTMLButtonElement);
  if (!button || !canGeolocate()) return;
  const onPosition = (/** @type {GeolocationPosition} */ { coords }) => {
    const point = L.latLng(coords.latitude, coords.longitude);
    setLocation(point);
    map.setView(point, Math.max(map.getZoom(), 17), { animate: false });
  };
  const onDenied = () => showDenied(figure);
  button.hidden = false;
  button.addEventListener("click", () =>
    navigator.geolocation.getCurrentPosition(onPosition, onDenied, { enableHighAccuracy: true }),
  );
}
