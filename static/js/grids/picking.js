// The place of an incident: a building, a touch on the map, or, when asked for, where the phone is.
import { colour } from "./drawing.js";
import { canLocate } from "./position.js";

const DIGITS = 6; // of a degree: 0.1 m

export function startPicking(map, drawing, form) {
  const { building, longitude, latitude, beyond } = form.elements;
  let mark = null;
  const point = (at) => {
    mark ??= L.circleMarker(at, { radius: 10, weight: 3, fillOpacity: 0.6, interactive: false });
    mark.setLatLng(at).setStyle({ color: colour("bad"), fillColor: colour("bad") }).addTo(map);
  };
  const place = ({ lat, lng }) => {
    [building.value, beyond.value] = ["", ""];
    [longitude.value, latitude.value] = [lng.toFixed(DIGITS), lat.toFixed(DIGITS)];
    point([lat, lng]);
    drawing.choose(null);
  };
  const choose = (key, zoom) => {
    [building.value, longitude.value, latitude.value, beyond.value] = [key ?? "", "", "", ""];
    mark?.remove();
    drawing.choose(key, zoom);
  };
  drawing.chosen = (key) => choose(key, false);
  map.on("click", ({ latlng, originalEvent }) => { if (!originalEvent.defaultPrevented) place(latlng); });
  for (const part of drawing.layers.get("building").getLayers()) part.on("click", L.DomEvent.stop);
  building.addEventListener("change", () => choose(Number(building.value) || null, true));
  if (building.value) drawing.choose(Number(building.value), true);
  else if (longitude.value) point([Number(latitude.value), Number(longitude.value)]);
  startHere(map, place);
}

function startHere(map, place) {
  const button = document.querySelector("[data-use-position]:is(button)");
  if (!button || !canLocate()) return;
  const said = document.querySelector(".map-status"), { denied } = document.getElementById("map").dataset;
  const take = ({ coords: { latitude: lat, longitude: lng } }) => {
    place({ lat, lng });
    map.setView([lat, lng], Math.max(map.getZoom(), 17), { animate: false });
  };
  const deny = () => Object.assign(said, { textContent: denied, hidden: false });
  button.hidden = false;
  button.addEventListener("click", () => navigator.geolocation.getCurrentPosition(take, deny, { enableHighAccuracy: true }));
}
