// The panel beside the map: the values of the selected grid.
import { listElements, listRow, requireData, requireElement } from "../lib/dom.js";

/**
 * @param {number} value
 * @param {number} digits
 */
const formatNumber = (value, digits = 0) =>
  value.toLocaleString(document.documentElement.lang, { minimumFractionDigits: digits, maximumFractionDigits: digits });

/** @param {Households} households */
function formatHouseholds({ number, low, high, estimated }) {
  return estimated ? `≈ ${formatNumber(number)} (${formatNumber(low)}–${formatNumber(high)})` : formatNumber(number);
}

/**
 * Format the residents. Where people live and no resident is recorded, their number is unknown and stays empty.
 *
 * @param {GridProperties} grid
 */
function formatResidents({ residents, households }) {
  if (residents === null) return "< 5";
  return residents || !households.number ? formatNumber(residents) : "";
}

/**
 * Format the range of the norm with the kind of household that it counts, and its range of persons where it has one.
 *
 * @param {GridProperties} grid
 * @param {DOMStringMap} texts
 */
function formatNorm(grid, { kindRegistered, kindDwelling, personsTemplate }) {
  if (grid.kind !== "household") return "";
  const kindText = { resident: "", registered: kindRegistered, dwelling: kindDwelling }[grid.norm_kind];
  const households = `${formatNumber(grid.minimum)}–${formatNumber(grid.maximum)} ${kindText ?? ""}`.trim();
  if (!grid.norm_persons) return households;
  const persons = grid.norm_persons.map((number) => formatNumber(number)).join("–");
  return (personsTemplate ?? "{households} / {persons}")
    .replace("{households}", households)
    .replace("{persons}", persons);
}

/**
 * @param {GridProperties} grid
 * @param {Map<number, string>} communityNames
 * @param {DOMStringMap} texts
 * @returns {Record<string, string>} by field
 */
function panelTexts(grid, communityNames, texts) {
  const { listSeparator, unit } = texts;
  return {
    title: grid.code,
    name: grid.name ?? "",
    reason: grid.reason ?? "",
    community: communityNames.get(grid.community_id) ?? "",
    workers: grid.workers.join(listSeparator),
    households: formatHouseholds(grid.households),
    allowed: formatNorm(grid, texts),
    residents: formatResidents(grid),
    buildings: formatNumber(grid.buildings),
    area: `${formatNumber(grid.area_m2 / 10000, 1)} ${unit}`,
    effectiveDate: grid.effective_date,
  };
}

/**
 * @param {GridFeature} grid
 * @param {Map<number, string>} communityNames
 */
export function fillPanel({ id, properties: grid }, communityNames) {
  const panel = requireElement("#panel", HTMLElement);
  const texts = panelTexts(grid, communityNames, panel.dataset);
  for (const field of listElements("[data-field]", HTMLElement, panel)) {
    field.textContent = texts[field.dataset.field ?? ""] || field.dataset.emptyText || "";
    listRow(field).hidden = !field.textContent;
  }
  for (const link of listElements("#grid-page", HTMLAnchorElement)) {
    link.href = requireData(link, "urlTemplate").replace("/grids/0", `/grids/${id}`);
  }
  for (const tag of listElements("[data-status]", HTMLElement, panel)) tag.hidden = tag.dataset.status !== grid.status;
  requireElement("#no-selection", HTMLElement).hidden = true;
  requireElement("#selection", HTMLElement).hidden = false;
}
