// Open cases that may be the same incident as a report: offered as soon as its place and kind are chosen, and asked for
// once more before it is sent where the server did not answer in time.
import { createElement, listElements, requireElement } from "../lib/dom.js";
import { hasPlace } from "./place.js";

const PATIENCE_MS = 3000; // after which the report is sent without asking
const FIELDS = ["building", "longitude", "latitude", "category", "occurred_at"]; // that decide what may be the same
const NEW = "new";

/**
 * Return the open cases near the place of a form; undefined where there is no answer in time.
 *
 * @param {string} url
 * @param {HTMLFormElement} form
 * @returns {Promise<KnownCase[] | undefined>}
 */
async function fetchKnown(url, form) {
  const [entered, body] = [new FormData(form), new FormData()];
  if (!navigator.onLine || !entered.has("csrf_token")) return;
  for (const name of ["csrf_token", "form_token", ...FIELDS]) body.set(name, entered.get(name) ?? "");
  try {
    const headers = { Accept: "application/json", "Accept-Language": document.documentElement.lang };
    const options = { method: "POST", body, headers, signal: AbortSignal.timeout(PATIENCE_MS) };
    const response = await fetch(url, options);
    return response.ok ? (await response.json()).known : undefined;
  } catch {
    return;
  }
}

/**
 * Show cases in the list of an element, each with a button whose value is the key of the case.
 *
 * @param {HTMLElement} element
 * @param {KnownCase[]} known
 */
function showCases(element, known) {
  const rows = known.map(({ id, title, details }) => {
    const [row, main] = [createElement("li"), createElement("span", "link-main")];
    main.append(createElement("strong", "", title), createElement("span", "muted small", details));
    const button = createElement("button", "button secondary", element.dataset.sameLabel);
    const type = element instanceof HTMLDialogElement ? "submit" : "button"; // Enter in a field chooses none
    Object.assign(button, { type, value: String(id) });
    row.append(main, button);
    return row;
  });
  requireElement("ul", HTMLElement, element).replaceChildren(...rows);
}

export class KnownCases {
  /**
   * @param {HTMLFormElement} form
   * @param {string} url
   * @param {() => boolean} isAsked whether the report of the form may be a known one
   */
  constructor(form, url, isAsked) {
    this.form = form;
    this.url = url;
    this.isAsked = isAsked;
    this.chosen = NEW; // of the offer, while the form is being submitted
    this.shownFor = ""; // place and kind that the offer in the form is for
    /** @type {HTMLElement | undefined} */
    this.offer = listElements("[data-known-offer]", HTMLElement, form)[0]; // the form without network has none
    for (const name of ["change", "placechange"]) form.addEventListener(name, () => this.refresh());
    this.offer?.addEventListener("click", ({ target }) => target instanceof HTMLButtonElement && this.choose(target));
  }

  /** Return place and kind of the form as one text; empty without them. */
  get subject() {
    const entered = new FormData(this.form);
    return hasPlace(this.form) && entered.get("category") ? FIELDS.map((name) => entered.get(name)).join(" ") : "";
  }

  /** Offer what may be the same as the report of the form. */
  async refresh() {
    const subject = this.isAsked() ? this.subject : "";
    if (subject === this.shownFor) return;
    this.show(subject, []);
    const known = subject ? await fetchKnown(this.url, this.form) : [];
    if (this.shownFor === subject) this.show(known ? subject : "", known ?? []);
  }

  /**
   * @param {string} subject
   * @param {KnownCase[]} known
   */
  show(subject, known) {
    this.shownFor = subject;
    if (!this.offer) return;
    showCases(this.offer, known);
    this.offer.hidden = known.length === 0;
    // below the kind that was just chosen, not under the hand of somebody who is writing already
    if (document.activeElement?.closest(".category-buttons")) this.offer.scrollIntoView({ block: "nearest" });
  }

  /** Send the report as one of the known cases. @param {HTMLButtonElement} button */
  choose(button) {
    this.chosen = button.value;
    this.form.requestSubmit();
    this.chosen = NEW;
  }

  /**
   * Return the key of the case that the report is one of, "new", or "" to go back to the form.
   *
   * @param {string} chosen from the offer
   */
  async answer(chosen) {
    if (chosen !== NEW || !this.isAsked() || this.offer?.hidden === false) return chosen;
    const known = (await fetchKnown(this.url, this.form)) ?? [];
    return known.length ? this.ask(known) : NEW;
  }

  /**
   * Ask in a dialog, for what the form did not offer.
   *
   * @param {KnownCase[]} known
   * @returns {Promise<string>}
   */
  ask(known) {
    const dialog = requireElement("#known-reports", HTMLDialogElement);
    showCases(dialog, known);
    dialog.returnValue = "";
    dialog.showModal();
    return new Promise((resolve) => {
      dialog.addEventListener("close", () => resolve(dialog.returnValue), { once: true });
    });
  }
}
