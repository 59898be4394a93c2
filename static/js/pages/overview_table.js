// The table of grids: sorted without a new page and filtered by status; its codes select a grid on the map.
// Without scripts the heads are links that sort.
import { sortRows } from "../lib/table_sort.js";

function makeRowTest(status) {
  if (status === "") return () => true;
  return status === "vacant" ? (row) => "vacant" in row.dataset : (row) => row.dataset.status === status;
}

function startStatusFilter(table, onFilter) {
  const group = document.getElementById("chips"), count = document.getElementById("grid-count");
  group.hidden = !("multiple" in group.dataset);
  group.addEventListener("click", (event) => {
    const chip = event.target.closest("button");
    if (!chip) return;
    for (const each of group.children) each.setAttribute("aria-pressed", each === chip);
    const isShown = makeRowTest(chip.dataset.status), ids = new Set();
    for (const row of table.tBodies[0].rows) {
      row.hidden = !isShown(row);
      if (!row.hidden) ids.add(Number(row.dataset.grid));
    }
    count.textContent = ids.size.toLocaleString(document.documentElement.lang);
    onFilter(chip.dataset.status ? ({ id }) => ids.has(id) : null);
  });
}

/**
 * Start the table of the page, if there is one.
 *
 * @param {{onSelect: (id: number) => void, onFilter: (filter: ((grid: object) => boolean) | null) => void}} handlers
 * @returns {{select: (id: number) => void}}
 */
export function startTable({ onSelect, onFilter }) {
  const table = document.getElementById("grid-table");
  if (!table) return { select() {} };
  table.addEventListener("click", (event) => {
    const sortLink = event.target.closest("a.sort"), gridLink = event.target.closest("a[data-select-grid]");
    if (!sortLink && !gridLink) return;
    event.preventDefault();
    if (sortLink) return sortRows(table, sortLink.closest("th"));
    onSelect(Number(gridLink.dataset.selectGrid));
    document.getElementById("map").scrollIntoView({ block: "start" });
  });
  startStatusFilter(table, onFilter);
  return {
    select(id) {
      for (const row of table.tBodies[0].rows) row.toggleAttribute("data-selected", Number(row.dataset.grid) === id);
    },
  };
}
