// The map of a plan: loads grids and buildings of the revisions shown and ties map, panel and forms together.
import { fetchFeatures } from "../lib/api.js";
import { loadFeatures, showReady, startZoomButtons } from "../map/controls.js";
import { PlanLayers } from "../map/plan_layers.js";

function startBeforeAfterSwitch(layers) {
  const group = document.querySelector(".before-after");
  if (!group) return;
  group.hidden = false;
  L.DomEvent.disableClickPropagation(group);
  group.addEventListener("click", ({ target }) => {
    const button = target.closest("[data-revision-side]");
    if (!button) return;
    for (const each of group.children) each.setAttribute("aria-pressed", each === button);
    layers.showSide(button.dataset.revisionSide);
  });
}

// Fill the panel beside the map, with the link that moves the building.
function fillPanel({ id, properties }) {
  const panel = document.getElementById("panel");
  for (const field of panel.querySelectorAll("[data-field]")) {
    field.textContent = properties[field.dataset.field] ?? "";
    (field.closest("dl > div") ?? field).hidden = field.textContent === "";
  }
  const link = panel.querySelector("[data-move-url]");
  if (link) link.href = `${link.dataset.moveUrl}?building_id=${id}`; // leaders move nothing
  document.getElementById("no-selection").hidden = true;
  document.getElementById("selection").hidden = false;
}

function makeHighlightTest({ highlightedIds, movedCodes, selected }) {
  const ids = new Set((highlightedIds ?? "").split(" ").filter(Boolean).map(Number));
  const codes = new Set(JSON.parse(movedCodes ?? "[]"));
  if (selected) ids.add(Number(selected));
  return (feature) => ids.has(feature.id) || codes.has(feature.properties.code);
}

async function fetchAll({ border, after, before, buildings, streets, givenStreets }) {
  const urls = [after, before, buildings, streets, givenStreets];
  const features = await Promise.all(urls.map((url) => url && fetchFeatures(url)));
  return {
    border: JSON.parse(border), after: features[0], before: features[1], buildings: features[2], streets: features[3],
    givenStreets: features[4] ?? [],
  };
}

/** @param {L.Map} map */
export async function start(map) {
  const figure = document.getElementById("map"), { dataset } = figure;
  const features = await loadFeatures(figure, fetchAll(dataset));
  if (!features) return;
  const onBuildingClick = (building) => {
    if (dataset.moveUrl) return location.assign(`${dataset.moveUrl}?building_id=${building.id}`);
    layers.select(building);
    fillPanel(building);
  };
  const layers = new PlanLayers(map, features, {
    isHighlighted: makeHighlightTest(dataset),
    endpointCodes: [dataset.sourceGrid, dataset.targetGrid].filter(Boolean),
    onBuildingClick,
  });
  const selected = features.buildings.find(({ id }) => String(id) === dataset.selected);
  if (selected) layers.select(selected, true);
  startZoomButtons(map, layers);
  startBeforeAfterSwitch(layers);
  showReady(figure);
}
