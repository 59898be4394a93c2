// Place of a report: a building, a point on the map, or the position of the phone, which is sent with the report only.
import { requireElement } from "../lib/dom.js";

const COORDINATE_DECIMALS = 6; // of a degree: 0.1 m
const POSITION_OPTIONS = { enableHighAccuracy: true, maximumAge: 10_000, timeout: 20_000 };

/**
 * Return the fields of a form that hold the place.
 *
 * @param {HTMLFormElement} form
 */
export function placeFields(form) {
  return {
    building: requireElement("[name=building]", HTMLSelectElement, form),
    longitude: requireElement("[name=longitude]", HTMLInputElement, form),
    latitude: requireElement("[name=latitude]", HTMLInputElement, form),
    outsideConfirmed: requireElement("[name=outside_confirmed]", HTMLInputElement, form),
  };
}

/**
 * Set the place of a form, and tell what shows it by the event `placechange`.
 *
 * @param {HTMLFormElement} form
 * @param {{building?: string, point?: {longitude: number, latitude: number}}} place nothing to clear it
 * @param {boolean} zoom true where the map is to move there
 */
export function setPlace(form, { building = "", point }, zoom) {
  const fields = placeFields(form);
  fields.building.value = building;
  fields.longitude.value = point?.longitude.toFixed(COORDINATE_DECIMALS) ?? "";
  fields.latitude.value = point?.latitude.toFixed(COORDINATE_DECIMALS) ?? "";
  fields.outsideConfirmed.value = "";
  form.dispatchEvent(new CustomEvent("placechange", { detail: { zoom } }));
}

/**
 * Return whether a form has a place.
 *
 * @param {HTMLFormElement} form
 */
export function hasPlace(form) {
  const { building, longitude } = placeFields(form);
  return Boolean(building.value || longitude.value);
}

/**
 * Start the list of buildings and the button for the position of the phone.
 *
 * @param {HTMLFormElement} form
 */
export function startPlace(form) {
  const { building } = placeFields(form);
  building.addEventListener("change", () => setPlace(form, { building: building.value }, true));
  const button = requireElement("[data-use-position]", HTMLButtonElement, form);
  const denial = requireElement("[data-position-denied]", HTMLElement, form);
  const setPressed = (/** @type {boolean} */ isPressed) => button.setAttribute("aria-pressed", String(isPressed));
  const finish = (/** @type {boolean} */ isDenied) => {
    button.removeAttribute("aria-busy");
    denial.hidden = !isDenied;
  };
  form.addEventListener("placechange", () => setPressed(false));
  button.addEventListener("click", () => {
    button.setAttribute("aria-busy", "true");
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        finish(false);
        setPlace(form, { point: coords }, true);
        setPressed(true);
        requireElement(".category-buttons", HTMLElement, form).scrollIntoView({ block: "nearest" });
      },
      () => finish(true),
      POSITION_OPTIONS,
    );
  });
  button.hidden = !("geolocation" in navigator && isSecureContext); // browsers give it over TLS only
}
