// The overview of a subdistrict: loads the layers and ties map, table and panel together.
import { fetchCollections } from "../lib/api.js";
import { requireElement } from "../lib/dom.js";
import { loadFeatures, showReady, startZoomButtons } from "../map/controls.js";
import { OverviewLayers } from "../map/overview_layers.js";
import { fillPanel } from "./overview_panel.js";
import { startOverviewPlaces } from "./overview_places.js";
import { startTable } from "./overview_table.js";

/**
 * @param {OverviewLayers} layers
 * @param {BorderFeature[]} groups
 */
function startResidentGroupsToggle(layers, groups) {
  if (!groups.length) return;
  requireElement(".resident-groups-toggle", HTMLElement).hidden = false;
  const box = requireElement("#groups", HTMLInputElement);
  box.addEventListener("change", () => layers.showGroups(box.checked));
}

/**
 * @param {HTMLElement} figure
 * @returns {Promise<OverviewFeatures>}
 */
function fetchAll(figure) {
  return fetchCollections(figure, ["communities", "grids", "groups", "streets"]);
}

/** @param {L.Map} map */
export async function start(map) {
  const figure = requireElement("#map", HTMLElement);
  const features = await loadFeatures(figure, fetchAll(figure));
  if (!features) return;
  const communityNames = new Map(features.communities.map(({ id, properties }) => [id, properties.name]));
  const gridsById = new Map(features.grids.map((grid) => [grid.id, grid]));
  const select = (/** @type {number} */ id, zoom = false) => {
    const grid = gridsById.get(id);
    if (!grid) return;
    layers.select(grid, zoom);
    table.select(id);
    fillPanel(grid, communityNames);
  };
  const layers = new OverviewLayers(map, features, select);
  const table = startTable({ onSelect: (id) => select(id, true), onFilter: (filter) => layers.setFilter(filter) });
  layers.showBuildings(requireElement("#on", HTMLInputElement).defaultValue);
  startZoomButtons(map, layers);
  startResidentGroupsToggle(layers, features.groups);
  startOverviewPlaces(map, figure);
  if (features.grids.length === 1) select(features.grids[0].id);
  showReady(figure);
}
