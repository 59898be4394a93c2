// Tables that are sorted on the page, by the data-value of their cells.
import { listElements } from "./dom.js";

/** @param {string} text */
const isNumeric = (text) => text !== "" && !Number.isNaN(Number(text));

/** @param {number} index */
function compareColumn(index) {
  /** @param {HTMLTableRowElement} row */
  const value = (row) => row.cells[index].dataset.value ?? "";
  return (/** @type {HTMLTableRowElement} */ a, /** @type {HTMLTableRowElement} */ b) => {
    const [one, other] = [value(a), value(b)];
    return isNumeric(one) && isNumeric(other)
      ? Number(one) - Number(other)
      : one.localeCompare(other, document.documentElement.lang);
  };
}

/**
 * Sort the rows of a table by a column; in the other order if they were sorted by it.
 *
 * @param {HTMLTableElement} table
 * @param {HTMLTableCellElement} head
 */
export function sortRows(table, head) {
  const order = head.getAttribute("aria-sort");
  const first = head.dataset.sort || "ascending";
  const descending = order ? order === "ascending" : first === "descending";
  const rows = [...table.tBodies[0].rows].sort(compareColumn(head.cellIndex));
  for (const each of table.tHead?.rows[0].cells ?? []) each.removeAttribute("aria-sort");
  head.setAttribute("aria-sort", descending ? "descending" : "ascending");
  table.tBodies[0].append(...(descending ? rows.reverse() : rows));
}

/**
 * Make the heads with data-sort buttons that sort; its value is the order of the first click.
 *
 * @param {HTMLTableElement} table
 */
export function startSorting(table) {
  for (const head of listElements("thead th[data-sort]", HTMLTableCellElement, table)) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "sort";
    button.append(...head.childNodes);
    button.addEventListener("click", () => sortRows(table, head));
    head.append(button);
  }
}
