// The table of grids: sorted without a new page and filtered by status; its codes select a grid on the map.
// Without scripts the heads are links that sort.
import { closestElement, requireElement } from "../lib/dom.js";
import { sortRows } from "../lib/table_sort.js";

/**
 * Return a test of rows; without a status, all of them pass.
 *
 * @param {string | undefined} status
 * @returns {(row: HTMLTableRowElement) => boolean}
 */
function makeRowTest(status) {
  if (!status) return () => true;
  return status === "vacant" ? (row) => "vacant" in row.dataset : (row) => row.dataset.status === status;
}

/**
 * Let the files of the table have the rows that are shown.
 *
 * @param {string | undefined} status
 */
function limitExport(status) {
  for (const link of document.querySelectorAll("#grids .export-menu a")) {
    if (!(link instanceof HTMLAnchorElement)) continue;
    const url = new URL(link.href);
    if (status) url.searchParams.set("status", status);
    else url.searchParams.delete("status");
    link.href = url.href;
  }
}

/**
 * @param {HTMLTableElement} table
 * @param {(filter: GridFilter | null) => void} onFilter
 */
function startStatusFilter(table, onFilter) {
  const group = requireElement("#chips", HTMLElement);
  const count = requireElement("#grid-count", HTMLElement);
  group.hidden = !("multiple" in group.dataset);
  group.addEventListener("click", (event) => {
    const chip = closestElement(event, "button", HTMLButtonElement);
    if (!chip) return;
    for (const each of group.children) each.setAttribute("aria-pressed", String(each === chip));
    const isShown = makeRowTest(chip.dataset.status);
    const ids = new Set();
    for (const row of table.tBodies[0].rows) {
      row.hidden = !isShown(row);
      if (!row.hidden) ids.add(Number(row.dataset.grid));
    }
    count.textContent = ids.size.toLocaleString(document.documentElement.lang);
    limitExport(chip.dataset.status);
    onFilter(chip.dataset.status ? ({ id }) => ids.has(id) : null);
  });
}

/**
 * Start the table of the page, if there is one.
 *
 * @param {{onSelect: (id: number) => void, onFilter: (filter: GridFilter | null) => void}} handlers
 * @returns {{select: (id: number) => void}}
 */
export function startTable({ onSelect, onFilter }) {
  const table = document.getElementById("grid-table");
  if (!(table instanceof HTMLTableElement)) return { select() {} };
  table.addEventListener("click", (event) => {
    const head = closestElement(event, "a.sort", HTMLElement)?.closest("th");
    const gridLink = closestElement(event, "a[data-select-grid]", HTMLElement);
    if (head || gridLink) event.preventDefault();
    if (head) return sortRows(table, head);
    if (!gridLink) return;
    onSelect(Number(gridLink.dataset.selectGrid));
    requireElement("#map", HTMLElement).scrollIntoView({ block: "start" });
  });
  startStatusFilter(table, onFilter);
  return {
    select(id) {
      for (const row of table.tBodies[0].rows) row.toggleAttribute("data-selected", Number(row.dataset.grid) === id);
    },
  };
}
