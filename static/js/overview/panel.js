// The panel beside the map: the figures of the grid that was chosen.
const number = (value, digits = 0) =>
  value.toLocaleString(document.documentElement.lang, { minimumFractionDigits: digits, maximumFractionDigits: digits });

function households({ number: counted, low, high, estimated }) {
  return estimated ? `≈ ${number(counted)} (${number(low)}–${number(high)})` : number(counted);
}

function told(grid, names, { comma, unit }) {
  return {
    title: grid.code,
    name: grid.name ?? "",
    reason: grid.reason ?? "",
    community: names.get(grid.community) ?? "",
    workers: grid.workers.join(comma),
    households: households(grid.households),
    allowed: grid.kind === "household" ? `${number(grid.fewest)}–${number(grid.most)}` : "",
    residents: grid.residents === null ? "< 5" : grid.residents || !grid.households.number ? number(grid.residents) : "",
    buildings: number(grid.buildings),
    area: `${number(grid.area_m2 / 10000, 1)} ${unit}`,
    since: grid.since,
  };
}

export function fill({ id: key, properties: grid }, names) {
  const panel = document.getElementById("panel"), words = told(grid, names, panel.dataset);
  for (const place of panel.querySelectorAll("[data-field]")) {
    place.textContent = words[place.dataset.field] || place.dataset.emptyText || "";
    (place.closest("dl > div") ?? place).hidden = !place.textContent;
  }
  const page = document.getElementById("grid-page");
  if (page) page.href = page.dataset.urlTemplate.replace("/grids/0", `/grids/${key}`);
  for (const tag of panel.querySelectorAll("[data-status]")) tag.hidden = tag.dataset.status !== grid.state;
  document.getElementById("no-selection").hidden = true;
  document.getElementById("selection").hidden = false;
}
