// The position of the phone: drawn on its own screen and sent nowhere. Browsers give it to pages over TLS only.
import { listElements, requireData, requireElement } from "../lib/dom.js";
import { cssColour } from "../lib/theme.js";

const canGeolocate = () => "geolocation" in navigator && isSecureContext;

/**
 * Show why there is no position in the status line of the map.
 *
 * @param {HTMLElement} figure
 */
function showDenied(figure) {
  const status = requireElement(".map-status", HTMLElement, figure);
  Object.assign(status, { textContent: requireData(figure, "deniedText"), hidden: false });
}

/**
 * Make the button with data-geolocate show and hide the position of the phone.
 *
 * @param {L.Map} map
 * @param {HTMLElement} figure
 */
export function startGeolocation(map, figure) {
  const [button] = listElements("[data-geolocate]", HTMLElement, figure);
  if (!button || !canGeolocate()) return;
  /** @type {number | null} */
  let watchId = null;
  /** @type {{accuracy: L.Circle, position: L.CircleMarker} | null} */
  let markers = null;
  const showPosition = (/** @type {GeolocationPosition} */ { coords: { latitude, longitude, accuracy } }) => {
    const isFirst = markers === null;
    const point = L.latLng(latitude, longitude);
    markers ??= {
      accuracy: L.circle(point, { radius: accuracy, stroke: false, fillOpacity: 0.15 }),
      position: L.circleMarker(point, { radius: 8, weight: 3, fillOpacity: 1 }),
    };
    const style = { color: cssColour("color-surface"), fillColor: cssColour("accent") };
    for (const marker of Object.values(markers)) marker.setLatLng(point).setStyle(style).addTo(map);
    markers.accuracy.setRadius(accuracy);
    if (isFirst) map.panTo(point, { animate: false });
    figure.dataset.position = "shown";
  };
  const stop = () => {
    if (watchId !== null) navigator.geolocation.clearWatch(watchId);
    for (const marker of Object.values(markers ?? {})) marker.remove();
    watchId = markers = null;
    delete figure.dataset.position;
    button.setAttribute("aria-pressed", "false");
  };
  const onDenied = () => {
    stop();
    showDenied(figure);
  };
  button.hidden = false;
  button.addEventListener("click", () => {
    if (watchId !== null) return stop();
    button.setAttribute("aria-pressed", "true");
    const options = { enableHighAccuracy: true, maximumAge: 10000 };
    watchId = navigator.geolocation.watchPosition(showPosition, onDenied, options);
  });
}
