// Choosing the place of an incident: a building, a point on the map, or the position of the phone.
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
  const { building, longitude, latitude, outside_confirmed: outsideConfirmed } = form.elements;
  let marker = null;
  const drawMarker = (point) => {
    marker ??= L.circleMarker(point, { radius: 10, weight: 3, fillOpacity: 0.6, interactive: false });
    const color = cssColour("color-error");
    marker.setLatLng(point).setStyle({ color, fillColor: color }).addTo(map);
  };
  const setLocation = ({ lat, lng }) => {
    [building.value, outsideConfirmed.value] = ["", ""];
    [longitude.value, latitude.value] = [lng.toFixed(COORDINATE_DECIMALS), lat.toFixed(COORDINATE_DECIMALS)];
    drawMarker([lat, lng]);
    layers.select(null);
  };
  const selectBuilding = (id, zoom) => {
    [building.value, longitude.value, latitude.value, outsideConfirmed.value] = [id ?? "", "", "", ""];
    marker?.remove();
    layers.select(id, zoom);
  };
  layers.onBuildingClick = (id) => selectBuilding(id, false);
  map.on("click", ({ latlng, originalEvent }) => { if (!originalEvent.defaultPrevented) setLocation(latlng); });
  for (const layer of layers.layers.get("building").getLayers()) layer.on("click", L.DomEvent.stop);
  building.addEventListener("change", () => selectBuilding(Number(building.value) || null, true));
  if (building.value) layers.select(Number(building.value), true);
  else if (longitude.value) drawMarker([Number(latitude.value), Number(longitude.value)]);
  startPositionButton(map, figure, setLocation);
}

function startPositionButton(map, figure, setLocation) {
  const button = document.querySelector("[data-use-position]:is(button)");
  if (!button || !canGeolocate()) return;
  const onPosition = ({ coords: { latitude: lat, longitude: lng } }) => {
    setLocation({ lat, lng });
    map.setView([lat, lng], Math.max(map.getZoom(), 17), { animate: false });
  };
  const onDenied = () => showDenied(figure);
  button.hidden = false;
  button.addEventListener("click", () =>
    navigator.geolocation.getCurrentPosition(onPosition, onDenied, { enableHighAccuracy: true }));
}
