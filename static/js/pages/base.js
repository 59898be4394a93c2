// Behaviour of every page. Without scripts everything but dialogs and tabs works, too.
import { closestElement, listElements, requireElement } from "../lib/dom.js";

const IDLE_MS = 3000; // after the page with its map

/** @param {HTMLDetailsElement | null} except */
function closeMenus(except = null) {
  for (const menu of listElements("details.menu[open]", HTMLDetailsElement)) if (menu !== except) menu.open = false;
}

document.addEventListener("click", (event) => {
  closeMenus(closestElement(event, "details.menu", HTMLDetailsElement));
  const opener = closestElement(event, "[data-dialog]", HTMLElement);
  if (opener) requireElement(`#${opener.dataset.dialog}`, HTMLDialogElement).showModal();
  if (closestElement(event, "[data-print]", HTMLElement)) print();
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const menu = document.activeElement?.closest("details.menu[open]");
  closeMenus();
  menu?.querySelector("summary")?.focus();
});

// "/" opens the search, as on many sites; not while somebody types.
document.addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
  if (document.activeElement?.matches("input, textarea, select, [contenteditable]")) return;
  const link = document.querySelector('a[href$="/search"]');
  if (!(link instanceof HTMLAnchorElement)) return;
  event.preventDefault();
  link.click();
});

/**
 * Return whether a submission only closes its dialog and sends nothing.
 *
 * @param {HTMLFormElement} form
 * @param {HTMLElement | null} submitter
 */
function isCancelled(form, submitter) {
  const method = submitter instanceof HTMLButtonElement ? submitter.formMethod : "";
  return (method || form.method) === "dialog";
}

// A form is sent once. A page restored by the back button has its forms ready again.
document.addEventListener("submit", (event) => {
  const { target: form, submitter } = event;
  if (!(form instanceof HTMLFormElement) || isCancelled(form, submitter)) return;
  if (form.dataset.submitted) return event.preventDefault();
  form.dataset.submitted = "yes";
  submitter?.setAttribute("aria-busy", "true");
});

addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  for (const form of listElements("form[data-submitted]", HTMLFormElement)) delete form.dataset.submitted;
  for (const button of document.querySelectorAll("button[aria-busy]")) button.removeAttribute("aria-busy");
});

/**
 * Let a sign-out send first what waits on the phone. The script for it comes when nothing else is on its way, or is
 * asked for again where it did not come: without it, the form would delete what was not sent.
 *
 * @param {HTMLFormElement} form
 */
function startSignOut(form) {
  /** @type {Promise<import("../reports/sign_out.js").SignOut> | undefined} */
  let loading;
  function load() {
    loading ??= import("../reports/sign_out.js").then(({ SignOut }) => new SignOut(form));
    loading.catch(() => {
      loading = undefined;
    });
    return loading;
  }
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    event.stopPropagation(); // the form is not sent yet, and may be sent again
    load().then(
      (signOut) => signOut.start(),
      () => {},
    );
  });
  addEventListener("load", () => setTimeout(load, IDLE_MS));
}

for (const form of listElements("#sign-out", HTMLFormElement)) startSignOut(form);
listElements("[data-focus]", HTMLElement)[0]?.focus();
listElements("form[data-send-now]", HTMLFormElement)[0]?.requestSubmit(); // kept while its sender signed in again
for (const list of listElements('[role="tablist"]', HTMLElement)) {
  import("../lib/tabs.js").then(({ startTabs }) => startTabs(list));
}

// Paper is not as wide as the window: the map is drawn again to fit the paper, and back after printing.
const WITHOUT_ANIMATION = { animate: false, pan: false };
addEventListener("beforeprint", () => {
  const map = globalThis.map_overview;
  const view = map && { map, bounds: map.getBounds(), centre: map.getCenter(), zoom: map.getZoom() };
  document.documentElement.classList.add("printing");
  view?.map.invalidateSize(WITHOUT_ANIMATION).fitBounds(view.bounds, WITHOUT_ANIMATION);
  addEventListener(
    "afterprint",
    () => {
      document.documentElement.classList.remove("printing");
      view?.map.invalidateSize(WITHOUT_ANIMATION).setView(view.centre, view.zoom, WITHOUT_ANIMATION);
    },
    { once: true },
  );
});
