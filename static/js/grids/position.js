// Where the phone is: drawn on its own screen, and sent nowhere. Browsers tell it to pages that came by TLS alone.
import { colour } from "./drawing.js";

export const canLocate = () => "geolocation" in navigator && isSecureContext;

export function startPosition(map, figure) {
  const button = figure.querySelector("[data-geolocate]");
  if (!button || !canLocate()) return;
  let watch = null, drawn = null;
  const show = ({ coords: { latitude, longitude, accuracy } }) => {
    const first = drawn === null, at = [latitude, longitude];
    drawn ??= [L.circle(at, { stroke: false, fillOpacity: 0.15 }), L.circleMarker(at, { radius: 8, weight: 3, fillOpacity: 1 })];
    for (const mark of drawn) mark.setLatLng(at).setStyle({ color: colour("paper"), fillColor: colour("accent") }).addTo(map);
    drawn[0].setRadius(accuracy);
    if (first) map.panTo(at, { animate: false });
    figure.dataset.position = "shown";
  };
  const end = () => {
    navigator.geolocation.clearWatch(watch);
    for (const mark of drawn ?? []) mark.remove();
    watch = drawn = null;
    delete figure.dataset.position;
    button.setAttribute("aria-pressed", "false");
  };
  const deny = () => {
    end();
    const said = figure.querySelector(".map-status");
    Object.assign(said, { textContent: figure.dataset.deniedText, hidden: false });
  };
  button.hidden = false;
  button.addEventListener("click", () => {
    if (watch !== null) return end();
    button.setAttribute("aria-pressed", "true");
    watch = navigator.geolocation.watchPosition(show, deny, { enableHighAccuracy: true, maximumAge: 10000 });
  });
}
