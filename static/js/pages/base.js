// Behaviour of every page. Without scripts everything but dialogs and tabs works, too.
import { startTabs } from "../lib/tabs.js";

const openMenus = () => document.querySelectorAll("details.menu[open]");

function closeMenus(except) {
  for (const menu of openMenus()) if (menu !== except) menu.open = false;
}

document.addEventListener("click", (event) => {
  closeMenus(event.target.closest("details.menu"));
  const opener = event.target.closest("[data-dialog]");
  if (opener) document.getElementById(opener.dataset.dialog).showModal();
  if (event.target.closest("[data-print]")) print();
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const menu = document.activeElement.closest("details.menu[open]");
  closeMenus();
  menu?.querySelector("summary").focus();
});

// A form is sent once. A page restored by the back button has its forms ready again.
document.addEventListener("submit", (event) => {
  const { target: form, submitter } = event;
  if (form.method === "dialog") return;
  if (form.dataset.submitted) return event.preventDefault();
  form.dataset.submitted = "yes";
  submitter?.setAttribute("aria-busy", "true");
});

addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  for (const form of document.querySelectorAll("form[data-submitted]")) delete form.dataset.submitted;
  for (const button of document.querySelectorAll("button[aria-busy]")) button.removeAttribute("aria-busy");
});

document.querySelector("[data-focus]")?.focus();
document.querySelector("form[data-send-now]")?.requestSubmit(); // a form kept while its sender signed in again
for (const list of document.querySelectorAll('[role="tablist"]')) startTabs(list);

// Paper is not as wide as the window: the map is drawn again to fit the paper, and back after printing.
const WITHOUT_ANIMATION = { animate: false, pan: false };
addEventListener("beforeprint", () => {
  const map = globalThis.map_overview, view = map && [map.getBounds(), map.getCenter(), map.getZoom()];
  document.documentElement.classList.add("printing");
  map?.invalidateSize(WITHOUT_ANIMATION).fitBounds(view[0], WITHOUT_ANIMATION);
  addEventListener("afterprint", () => {
    document.documentElement.classList.remove("printing");
    map?.invalidateSize(WITHOUT_ANIMATION).setView(view[1], view[2], WITHOUT_ANIMATION);
  }, { once: true });
});
