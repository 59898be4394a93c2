// The panel beside the map: the values of the selected grid.
const formatNumber = (value, digits = 0) =>
  value.toLocaleString(document.documentElement.lang, { minimumFractionDigits: digits, maximumFractionDigits: digits });

function formatHouseholds({ number, low, high, estimated }) {
  return estimated ? `≈ ${formatNumber(number)} (${formatNumber(low)}–${formatNumber(high)})` : formatNumber(number);
}

// Where people live and no resident is recorded, the number of residents is unknown and stays empty.
function formatResidents({ residents, households }) {
  if (residents === null) return "< 5";
  return residents || !households.number ? formatNumber(residents) : "";
}

function panelTexts(grid, communityNames, { listSeparator, unit }) {
  return {
    title: grid.code,
    name: grid.name ?? "",
    reason: grid.reason ?? "",
    community: communityNames.get(grid.community_id) ?? "",
    workers: grid.workers.join(listSeparator),
    households: formatHouseholds(grid.households),
    allowed: grid.kind === "household" ? `${formatNumber(grid.minimum)}–${formatNumber(grid.maximum)}` : "",
    residents: formatResidents(grid),
    buildings: formatNumber(grid.buildings),
    area: `${formatNumber(grid.area_m2 / 10000, 1)} ${unit}`,
    effectiveDate: grid.effective_date,
  };
}

/**
 * @param {{id: number, properties: object}} grid
 * @param {Map<number, string>} communityNames
 */
export function fillPanel({ id, properties: grid }, communityNames) {
  const panel = document.getElementById("panel"), texts = panelTexts(grid, communityNames, panel.dataset);
  for (const field of panel.querySelectorAll("[data-field]")) {
    field.textContent = texts[field.dataset.field] || field.dataset.emptyText || "";
    (field.closest("dl > div") ?? field).hidden = !field.textContent;
  }
  const link = document.getElementById("grid-page");
  if (link) link.href = link.dataset.urlTemplate.replace("/grids/0", `/grids/${id}`);
  for (const tag of panel.querySelectorAll("[data-status]")) tag.hidden = tag.dataset.status !== grid.status;
  document.getElementById("no-selection").hidden = true;
  document.getElementById("selection").hidden = false;
}
