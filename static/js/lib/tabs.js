// Tabs within a page, by pointer and by arrow keys, after the ARIA authoring practices.
// Without scripts all panels are shown one below the other.
import { closestElement, listElements } from "./dom.js";

/** @type {Record<string, number>} */
const STEPS = { ArrowRight: 1, ArrowLeft: -1 };

/** @param {HTMLElement} list an element with role="tablist" */
export function startTabs(list) {
  const tabs = listElements('[role="tab"]', HTMLElement, list);
  /** @type {Record<string, number>} */
  const ends = { Home: 0, End: tabs.length - 1 };
  /** @param {HTMLElement} selected */
  const select = (selected) => {
    for (const tab of tabs) {
      tab.setAttribute("aria-selected", String(tab === selected));
      tab.tabIndex = tab === selected ? 0 : -1;
      const panel = document.getElementById(tab.getAttribute("aria-controls") ?? "");
      if (panel) panel.hidden = tab !== selected;
    }
  };
  list.addEventListener("click", (event) => {
    const tab = closestElement(event, '[role="tab"]', HTMLElement);
    if (tab) select(tab);
  });
  list.addEventListener("keydown", (event) => {
    const focused = document.activeElement;
    const current = focused instanceof HTMLElement ? tabs.indexOf(focused) : -1;
    const next = ends[event.key] ?? current + (STEPS[event.key] ?? 0);
    if (current < 0 || next === current) return;
    event.preventDefault();
    const tab = tabs[(next + tabs.length) % tabs.length];
    select(tab);
    tab.focus();
  });
  list.hidden = false;
  select(tabs.find((tab) => tab.getAttribute("aria-selected") === "true") ?? tabs[0]);
}
