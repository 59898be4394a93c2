// The position of the phone: drawn on its own screen and sent nowhere. Browsers give it to pages over TLS only.
import { cssColour } from "../lib/theme.js";

export const canGeolocate = () => "geolocation" in navigator && isSecureContext;

/** Show why there is no position in the status line of the map. */
export function showDenied(figure) {
  const status = figure.querySelector(".map-status");
  Object.assign(status, { textContent: figure.dataset.deniedText, hidden: false });
}

/**
 * Make the button with data-geolocate show and hide the position of the phone.
 *
 * @param {L.Map} map
 * @param {HTMLElement} figure
 */
export function startGeolocation(map, figure) {
  const button = figure.querySelector("[data-geolocate]");
  if (!button || !canGeolocate()) return;
  let watchId = null, markers = null;
  const showPosition = ({ coords: { latitude, longitude, accuracy } }) => {
    const isFirst = markers === null, point = [latitude, longitude];
    markers ??= [L.circle(point, { stroke: false, fillOpacity: 0.15 }),
                 L.circleMarker(point, { radius: 8, weight: 3, fillOpacity: 1 })];
    const style = { color: cssColour("color-surface"), fillColor: cssColour("accent") };
    for (const marker of markers) marker.setLatLng(point).setStyle(style).addTo(map);
    markers[0].setRadius(accuracy);
    if (isFirst) map.panTo(point, { animate: false });
    figure.dataset.position = "shown";
  };
  const stop = () => {
    navigator.geolocation.clearWatch(watchId);
    for (const marker of markers ?? []) marker.remove();
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
