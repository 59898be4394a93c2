// Switches of map layers in the legend. The browser remembers which are off, for whoever uses it: keys of layers only.
import { listElements, requireData } from "../lib/dom.js";

const STORAGE_KEY = "gridmap.hidden-layers";
const MAX_STORED = 200;

/**
 * Return the keys of hidden layers that a stored text has; none for a text that is no list.
 *
 * @param {string | null} text
 */
export function parseHidden(text) {
  try {
    const keys = JSON.parse(text ?? "[]");
    return new Set(Array.isArray(keys) ? keys.filter((key) => typeof key === "string") : []);
  } catch {
    return new Set();
  }
}

function readHidden() {
  try {
    return parseHidden(localStorage.getItem(STORAGE_KEY));
  } catch {
    return new Set(); // a browser that stores nothing
  }
}

/** @param {Set<string>} hidden */
function storeHidden(hidden) {
  try {
    localStorage.setItem(STORAGE_KEY, JSON.stringify([...hidden].slice(-MAX_STORED)));
  } catch {
    // the choice holds on this page only
  }
}

/** @param {Element} group */
function showGroupState(group) {
  const switches = listElements("[data-layer]", HTMLInputElement, group);
  const checked = switches.filter((each) => each.checked).length;
  for (const box of listElements("[data-group]", HTMLInputElement, group)) {
    box.checked = checked > 0;
    box.indeterminate = checked > 0 && checked < switches.length;
  }
}

/**
 * Set the switches of the legend as they were left, and report which layers are hidden, now and after every change.
 *
 * @param {(hidden: ReadonlySet<string>) => void} onChange
 */
export function startLayerSwitches(onChange) {
  const hidden = readHidden();
  const switches = listElements("[data-layer]", HTMLInputElement);
  const groups = listElements("[data-layer-group]", HTMLElement);
  const update = () => {
    for (const each of switches) {
      if (each.checked) hidden.delete(requireData(each, "layer"));
      else hidden.add(requireData(each, "layer"));
    }
    groups.forEach(showGroupState);
    onChange(hidden);
  };
  for (const each of switches) each.checked = !hidden.has(requireData(each, "layer"));
  document.addEventListener("change", ({ target }) => {
    if (!(target instanceof HTMLInputElement)) return;
    const group = "group" in target.dataset && target.closest("[data-layer-group]");
    if (group) for (const each of listElements("[data-layer]", HTMLInputElement, group)) each.checked = target.checked;
    if (!(group || "layer" in target.dataset)) return;
    update();
    storeHidden(hidden);
  });
  update();
}
