// The overview of a subdistrict: loads the layers and ties map, table and panel together.
import { fetchFeatures } from "../lib/api.js";
import { loadFeatures, showReady, startZoomButtons } from "../map/controls.js";
import { OverviewLayers } from "../map/overview_layers.js";
import { fillPanel } from "./overview_panel.js";
import { startTable } from "./overview_table.js";

function startResidentGroupsToggle(layers, groups) {
  if (!groups.length) return;
  document.querySelector(".resident-groups-toggle").hidden = false;
  const box = document.getElementById("groups");
  box.addEventListener("change", () => layers.showGroups(box.checked));
}

async function fetchAll({ communities, grids, groups, streets }) {
  const features = await Promise.all([communities, grids, groups, streets].map(fetchFeatures));
  return { communities: features[0], grids: features[1], groups: features[2], streets: features[3] };
}

/** @param {L.Map} map */
export async function start(map) {
  const figure = document.getElementById("map");
  const features = await loadFeatures(figure, fetchAll(figure.dataset));
  if (!features) return;
  const communityNames = new Map(features.communities.map(({ id, properties }) => [id, properties.name]));
  const gridsById = new Map(features.grids.map((grid) => [grid.id, grid]));
  const select = (id, zoom = false) => {
    const grid = gridsById.get(id);
    layers.select(grid, zoom);
    table.select(id);
    fillPanel(grid, communityNames);
  };
  const layers = new OverviewLayers(map, features, select);
  const onFilter = (filter) => layers.setFilter(filter);
  const table = startTable({ onSelect: (id) => select(id, true), onFilter });
  layers.showBuildings(document.getElementById("on").defaultValue);
  startZoomButtons(map, layers);
  startResidentGroupsToggle(layers, features.groups);
  if (features.grids.length === 1) select(features.grids[0].id);
  showReady(figure);
}
