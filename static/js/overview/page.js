// The overview of a subdistrict: fetches what is on the map, and ties map, table and panel together.
import { Drawing } from "./drawing.js";
import { fill } from "./panel.js";
import { startTable } from "./table.js";

async function fetched(address) {
  const answer = await fetch(address, { headers: { "Accept-Language": document.documentElement.lang } });
  if (!answer.ok) throw new Error(`${answer.status} ${address}`);
  return (await answer.json()).features;
}

function startButtons(map, drawing) {
  const zoom = { in: () => map.zoomIn(), out: () => map.zoomOut(), all: () => drawing.showAll() };
  for (const button of document.querySelectorAll("[data-zoom]")) {
    button.addEventListener("click", zoom[button.dataset.zoom]);
    L.DomEvent.disableClickPropagation(button);
  }
}

function startGroups(drawing, groups) {
  if (!groups.length) return;
  document.querySelector(".resident-groups-toggle").hidden = false;
  const box = document.getElementById("groups");
  box.addEventListener("change", () => drawing.showGroups(box.checked));
}

// Without the map there are still the figures and the table.
function tellFailure(figure, said) {
  said.textContent = figure.dataset.errorText;
  figure.dataset.loadStatus = "failed";
}

export async function start(map) {
  const figure = document.getElementById("map"), said = figure.querySelector(".map-status");
  const { communities, grids, groups, streets } = figure.dataset;
  let found;
  try {
    found = await Promise.all([communities, grids, groups, streets].map(fetched));
  } catch {
    return tellFailure(figure, said);
  }
  const names = new Map(found[0].map(({ id, properties }) => [id, properties.name]));
  const byKey = new Map(found[1].map((feature) => [feature.id, feature]));
  const choose = (key, zoom = false) => {
    const grid = byKey.get(key);
    drawing.choose(grid, zoom);
    table.choose(key);
    fill(grid, names);
  };
  const drawing = new Drawing(map, found, choose);
  const table = startTable({ choose: (key) => choose(key, true), show: (shown) => drawing.show(shown) });
  drawing.showBuildings(document.getElementById("on").defaultValue);
  startButtons(map, drawing);
  startGroups(drawing, found[2]);
  if (found[1].length === 1) choose(found[1][0].id);
  said.hidden = true;
  figure.dataset.loadStatus = "ready";
}
