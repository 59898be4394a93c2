// Open cases that may be the same incident as a report: offered before it is sent, where the server answers in time.
import { createElement, requireElement } from "../lib/dom.js";

const PATIENCE_MS = 3000; // after which the report is sent without asking

/**
 * Return the open cases near the place of a form; none where there is no answer in time.
 *
 * @param {string} url
 * @param {HTMLFormElement} form
 * @returns {Promise<KnownCase[]>}
 */
export async function listKnown(url, form) {
  const body = new FormData(form);
  if (!navigator.onLine || !body.has("csrf_token")) return [];
  body.delete("photos");
  try {
    const headers = { Accept: "application/json", "Accept-Language": document.documentElement.lang };
    const options = { method: "POST", body, headers, signal: AbortSignal.timeout(PATIENCE_MS) };
    const response = await fetch(url, options);
    return response.ok ? (await response.json()).known : [];
  } catch {
    return [];
  }
}

/**
 * Ask whether a report is one of the known cases.
 *
 * @param {HTMLDialogElement} dialog
 * @param {KnownCase[]} known
 * @returns {Promise<string>} the key of the case, "new", or "" to go back to the form
 */
export function askKnown(dialog, known) {
  const rows = known.map(({ id, title, details }) => {
    const [row, main] = [createElement("li"), createElement("span", "link-main")];
    main.append(createElement("strong", "", title), createElement("span", "muted small", details));
    const button = createElement("button", "button secondary", dialog.dataset.sameLabel);
    Object.assign(button, { value: String(id) });
    row.append(main, button);
    return row;
  });
  requireElement("ul", HTMLElement, dialog).replaceChildren(...rows);
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue), { once: true });
  });
}
