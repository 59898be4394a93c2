// What every page does by itself; without scripts all of it still works, dialogs and tabs aside.
import { startTabs } from "./tabs.js";

const menus = () => document.querySelectorAll("details.menu[open]");

function closeMenus(except) {
  for (const menu of menus()) if (menu !== except) menu.open = false;
}

document.addEventListener("click", (event) => {
  closeMenus(event.target.closest("details.menu"));
  const opener = event.target.closest("[data-dialog]");
  if (opener) document.getElementById(opener.dataset.dialog).showModal();
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const open = document.activeElement.closest("details.menu[open]");
  closeMenus();
  open?.querySelector("summary").focus();
});

// A form is sent once; whoever comes back to the page finds it ready again.
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
for (const list of document.querySelectorAll('[role="tablist"]')) startTabs(list);

// Paper has another width than the window: what the map shows is drawn again to fit, and back.
const still = { animate: false, pan: false };
addEventListener("beforeprint", () => {
  const map = globalThis.map_overview, seen = map && [map.getBounds(), map.getCenter(), map.getZoom()];
  document.documentElement.classList.add("printing");
  map?.invalidateSize(still).fitBounds(seen[0], still);
  addEventListener("afterprint", () => {
    document.documentElement.classList.remove("printing");
    map?.invalidateSize(still).setView(seen[1], seen[2], still);
  }, { once: true });
});
