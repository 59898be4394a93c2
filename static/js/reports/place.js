// Place of a report: a building, a point on the map, or the position of the phone, which is sent with the report only.
import { requireElement } from "../lib/dom.js";

const COORDINATE_DECIMALS = 6; // of a degree: 0.1 m
const MAX_UNASKED_ACCURACY_M = 30; // as far as the server moves a point into the own grids
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
 * Where the worker has allowed the position before, the form takes it by itself, if it is exact and no place was chosen
 * meanwhile; the map and the button show it.
 *
 * @param {HTMLFormElement} form
 * @returns {() => Promise<void>} takes the position by itself, for a form that was cleared
 */
export function startPlace(form) {
  const { building } = placeFields(form);
  building.addEventListener("change", () => setPlace(form, { building: building.value }, true));
  const button = requireElement("[data-use-position]", HTMLButtonElement, form);
  const denial = requireElement("[data-position-denied]", HTMLElement, form);
  const setPressed = (/** @type {boolean} */ isPressed) => button.setAttribute("aria-pressed", String(isPressed));
  form.addEventListener("placechange", () => setPressed(false));
  const locate = (/** @type {boolean} */ isAsked) => {
    button.setAttribute("aria-busy", "true");
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        button.removeAttribute("aria-busy");
        denial.hidden = true;
        button.dataset.accuracy = coords.accuracy.toFixed();
        if (!isAsked && (hasPlace(form) || coords.accuracy > MAX_UNASKED_ACCURACY_M)) return;
        setPlace(form, { point: coords }, true);
        setPressed(true);
        if (isAsked) requireElement(".category-buttons", HTMLElement, form).scrollIntoView({ block: "nearest" });
      },
      () => {
        button.removeAttribute("aria-busy");
        denial.hidden = !isAsked;
      },
      POSITION_OPTIONS,
    );
  };
  button.addEventListener("click", () => locate(true));
  button.hidden = !("geolocation" in navigator && isSecureContext); // browsers give it over TLS only
  return async () => {
    if (button.hidden || hasPlace(form)) return;
    const permission = await navigator.permissions?.query({ name: "geolocation" }).catch(() => null);
    if (permission?.state === "granted") locate(false);
  };
}
