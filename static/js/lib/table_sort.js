// Tables that are sorted on the page, by the data-value of their cells.
const isNumeric = (text) => text !== "" && !Number.isNaN(Number(text));

/** @param {number} index */
function compareColumn(index) {
  const value = (row) => row.cells[index].dataset.value;
  return (a, b) => {
    const [one, other] = [value(a), value(b)];
    return isNumeric(one) && isNumeric(other) ? one - other : one.localeCompare(other, document.documentElement.lang);
  };
}

/**
 * Sort the rows of a table by a column; in the other order if they were sorted by it.
 *
 * @param {HTMLTableElement} table
 * @param {HTMLTableCellElement} head
 */
export function sortRows(table, head) {
  const order = head.getAttribute("aria-sort"), first = head.dataset.sort || "ascending";
  const descending = order ? order === "ascending" : first === "descending";
  const rows = [...table.tBodies[0].rows].sort(compareColumn(head.cellIndex));
  for (const each of table.tHead.rows[0].cells) each.removeAttribute("aria-sort");
  head.setAttribute("aria-sort", descending ? "descending" : "ascending");
  table.tBodies[0].append(...(descending ? rows.reverse() : rows));
}

/**
 * Make the heads with data-sort buttons that sort; its value is the order of the first click.
 *
 * @param {HTMLTableElement} table
 */
export function startSorting(table) {
  for (const head of table.tHead.querySelectorAll("th[data-sort]")) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "sort";
    button.append(...head.childNodes);
    button.addEventListener("click", () => sortRows(table, head));
    head.append(button);
  }
}
