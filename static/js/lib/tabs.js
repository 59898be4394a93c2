// Tabs within a page, by pointer and by arrow keys, after the ARIA authoring practices.
// Without scripts all panels are shown one below the other.
const STEPS = { ArrowRight: 1, ArrowLeft: -1 };

/** @param {HTMLElement} list an element with role="tablist" */
export function startTabs(list) {
  const tabs = [...list.querySelectorAll('[role="tab"]')];
  const select = (selected) => {
    for (const tab of tabs) {
      tab.setAttribute("aria-selected", tab === selected);
      tab.tabIndex = tab === selected ? 0 : -1;
      document.getElementById(tab.getAttribute("aria-controls")).hidden = tab !== selected;
    }
  };
  list.addEventListener("click", (event) => {
    const tab = event.target.closest('[role="tab"]');
    if (tab) select(tab);
  });
  list.addEventListener("keydown", (event) => {
    const current = tabs.indexOf(document.activeElement);
    const next = { Home: 0, End: tabs.length - 1 }[event.key] ?? current + (STEPS[event.key] ?? 0);
    if (current < 0 || next === current) return;
    event.preventDefault();
    const tab = tabs[(next + tabs.length) % tabs.length];
    select(tab);
    tab.focus();
  });
  list.hidden = false;
  select(tabs.find((tab) => tab.getAttribute("aria-selected") === "true") ?? tabs[0]);
}
