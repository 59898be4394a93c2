// The table of grids: sorted without a new page, narrowed by the chips, and its codes choose a grid.
// Without scripts the heads are links that sort, too.
const numeric = (text) => text !== "" && !Number.isNaN(Number(text));

function byValue(column) {
  const value = (row) => row.cells[column].dataset.value;
  return (a, b) => {
    const [one, other] = [value(a), value(b)];
    return numeric(one) && numeric(other) ? one - other : one.localeCompare(other, document.documentElement.lang);
  };
}

function sort(table, link) {
  const head = link.closest("th"), falling = head.getAttribute("aria-sort") === "ascending";
  const rows = [...table.tBodies[0].rows].sort(byValue(Number(link.dataset.column)));
  for (const each of table.tHead.rows[0].cells) each.removeAttribute("aria-sort");
  head.setAttribute("aria-sort", falling ? "descending" : "ascending");
  table.tBodies[0].append(...(falling ? rows.reverse() : rows));
}

function startChips(table, show) {
  const group = document.getElementById("chips"), count = document.getElementById("grid-count");
  const holds = { "": () => true, vacant: (row) => "vacant" in row.dataset };
  group.hidden = !("several" in group.dataset);
  group.addEventListener("click", (event) => {
    const chip = event.target.closest("button");
    if (!chip) return;
    for (const each of group.children) each.setAttribute("aria-pressed", each === chip);
    const test = holds[chip.dataset.status] ?? ((row) => row.dataset.status === chip.dataset.status);
    const keys = new Set();
    for (const row of table.tBodies[0].rows) {
      row.hidden = !test(row);
      if (!row.hidden) keys.add(Number(row.dataset.grid));
    }
    count.textContent = keys.size.toLocaleString(document.documentElement.lang);
    show(chip.dataset.status ? ({ id }) => keys.has(id) : null);
  });
}

export function startTable({ choose, show }) {
  const table = document.getElementById("grid-table");
  if (!table) return { choose() {} };
  table.addEventListener("click", (event) => {
    const link = event.target.closest("a.sort"), code = event.target.closest("a[data-select-grid]");
    if (!link && !code) return;
    event.preventDefault();
    if (link) return sort(table, link);
    choose(Number(code.dataset.selectGrid));
    document.getElementById("map").scrollIntoView({ block: "start" });
  });
  startChips(table, show);
  return {
    choose(key) {
      for (const row of table.tBodies[0].rows) row.toggleAttribute("data-selected", Number(row.dataset.grid) === key);
    },
  };
}
