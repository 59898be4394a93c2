// What the form without network needs: the account, its categories and buildings, and the clock of the office. A sign-out
// clears it with everything else that is stored.
import { listElements } from "../lib/dom.js";

const KEY = "gridmap-report-form";

/**
 * Return the choices of a list.
 *
 * @param {HTMLFormElement} form
 * @param {string} name
 * @returns {SavedChoice[]}
 */
function listChoices(form, name) {
  return listElements(`[name=${name}] option`, HTMLOptionElement, form).map(({ value, text, parentElement }) => {
    const group = parentElement instanceof HTMLOptGroupElement ? parentElement.label : "";
    return { value, text, group };
  });
}

/**
 * Save the choices of the page, and how far the clock of the office is from that of the phone.
 *
 * @param {HTMLFormElement} form
 * @param {number} account
 * @param {string} presentTime of the office, without its zone
 */
export function saveForm(form, account, presentTime) {
  const clockOffset = new Date(`${presentTime}Z`).getTime() - Date.now();
  const [category, building] = [listChoices(form, "category"), listChoices(form, "building")];
  try {
    localStorage.setItem(KEY, JSON.stringify({ account, clockOffset, category, building }));
  } catch {
    // a full or forbidden storage: the form does not open without network
  }
}

/** @returns {SavedForm | null} */
export function readForm() {
  try {
    return JSON.parse(localStorage.getItem(KEY) ?? "null");
  } catch {
    return null;
  }
}
