// The map of a plan: loads grids and buildings of the revisions shown and ties map, panel and forms together.
import { fetchCollections } from "../lib/api.js";
import { closestElement, listElements, listRow, requireData, requireElement } from "../lib/dom.js";
import { loadFeatures, showReady, startZoomButtons } from "../map/controls.js";
import { PlanLayers } from "../map/plan_layers.js";

/** @param {PlanLayers} layers */
function startBeforeAfterSwitch(layers) {
  const [group] = listElements(".before-after", HTMLElement);
  if (!group) return;
  group.hidden = false;
  L.DomEvent.disableClickPropagation(group);
  group.addEventListener("click", (event) => {
    const button = closestElement(event, "[data-revision-side]", HTMLElement);
    if (!button) return;
    for (const each of group.children) each.setAttribute("aria-pressed", String(each === button));
    layers.showSide(button.dataset.revisionSide === "before" ? "before" : "after");
  });
}

/**
 * Fill the panel beside the map, with the link that moves the building.
 *
 * @param {PlanBuildingFeature} building
 */
function fillPanel({ id, properties }) {
  const panel = requireElement("#panel", HTMLElement);
  for (const field of listElements("[data-field]", HTMLElement, panel)) {
    field.textContent = String(properties[requireData(field, "field")] ?? "");
    listRow(field).hidden = field.textContent === "";
  }
  for (const link of listElements("[data-move-url]", HTMLAnchorElement, panel)) {
    // leaders move nothing
    link.href = `${link.dataset.moveUrl}?building_id=${id}`;
  }
  requireElement("#no-selection", HTMLElement).hidden = true;
  requireElement("#selection", HTMLElement).hidden = false;
}

/**
 * Show a border street on the map, with the two grids that it runs between, when its link to the map is followed.
 *
 * @param {PlanLayers} layers
 */
function startStreetLinks(layers) {
  const [section] = listElements("#border-streets", HTMLElement);
  section?.addEventListener("click", (event) => {
    const link = closestElement(event, "[data-street]", HTMLElement);
    if (link) layers.showStreet(JSON.parse(requireData(link, "street")), requireData(link, "gridCodes").split(" "));
  });
}

/**
 * @param {DOMStringMap} dataset
 * @returns {(feature: PlanBuildingFeature) => boolean}
 */
function makeHighlightTest({ highlightedIds, movedCodes, selected }) {
  const ids = new Set((highlightedIds ?? "").split(" ").filter(Boolean).map(Number));
  const codes = new Set(JSON.parse(movedCodes ?? "[]"));
  if (selected) ids.add(Number(selected));
  return (feature) => ids.has(feature.id) || codes.has(feature.properties.code);
}

/**
 * @param {HTMLElement} figure
 * @returns {Promise<PlanFeatures>}
 */
async function fetchAll(figure) {
  const optional = /** @type {const} */ (["before", "givenStreets"]).filter((name) => figure.dataset[name]);
  /** @type {Omit<PlanFeatures, "border">} */
  const collections = await fetchCollections(figure, ["after", "buildings", "streets", ...optional]);
  return { ...collections, border: JSON.parse(requireData(figure, "border")) };
}

/** @param {L.Map} map */
export async function start(map) {
  const figure = requireElement("#map", HTMLElement);
  const { dataset } = figure;
  const features = await loadFeatures(figure, fetchAll(figure));
  if (!features) return;
  const onBuildingClick = (/** @type {PlanBuildingFeature} */ building) => {
    if (dataset.moveUrl) return location.assign(`${dataset.moveUrl}?building_id=${building.id}`);
    layers.select(building);
    fillPanel(building);
  };
  const layers = new PlanLayers(map, features, {
    isHighlighted: makeHighlightTest(dataset),
    endpointCodes: [dataset.sourceGrid ?? "", dataset.targetGrid ?? ""].filter(Boolean),
    onBuildingClick,
  });
  const selected = features.buildings.find(({ id }) => String(id) === dataset.selected);
  if (selected) layers.select(selected, true);
  const isSchematic = features.buildings.some(({ properties }) => properties.schematic);
  for (const entry of listElements("[data-schematic-legend]", HTMLElement, figure)) entry.hidden = !isSchematic;
  startZoomButtons(map, layers);
  startBeforeAfterSwitch(layers);
  startStreetLinks(layers);
  showReady(figure);
}
