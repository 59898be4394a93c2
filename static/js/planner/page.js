// A plan map: fetches the grids and buildings of the version looked at, and ties map, panel and forms together.
import { Drawing } from "./drawing.js";

async function fetched(address) {
  const found = [];
  for (let page = 1, pages = 1; page <= pages; page += 1) {
    const asked = new URL(address, location);
    asked.searchParams.set("page", page);
    const answer = await fetch(asked, { headers: { "Accept-Language": document.documentElement.lang } });
    if (!answer.ok) throw new Error(`${answer.status} ${address}`);
    const told = await answer.json();
    found.push(...told.features);
    pages = told.pages;
  }
  return found;
}

function startButtons(map, drawing) {
  const zoom = { in: () => map.zoomIn(), out: () => map.zoomOut(), all: () => drawing.showAll() };
  for (const button of document.querySelectorAll("[data-zoom]")) {
    button.addEventListener("click", zoom[button.dataset.zoom]);
    L.DomEvent.disableClickPropagation(button);
  }
}

function startSides(drawing) {
  const group = document.querySelector(".before-after");
  if (!group) return;
  group.hidden = false;
  L.DomEvent.disableClickPropagation(group);
  group.addEventListener("click", ({ target }) => {
    const chosen = target.closest("[data-revision-side]");
    if (!chosen) return;
    for (const each of group.children) each.setAttribute("aria-pressed", each === chosen);
    drawing.show(chosen.dataset.revisionSide);
  });
}

// The panel beside the map, with the way to move the building.
function fill({ id, properties }) {
  const panel = document.getElementById("panel");
  for (const place of panel.querySelectorAll("[data-field]")) {
    place.textContent = properties[place.dataset.field] ?? "";
    (place.closest("dl > div") ?? place).hidden = place.textContent === "";
  }
  const link = panel.querySelector("[data-move-url]");
  link.href = `${link.dataset.moveUrl}?building=${id}`;
  document.getElementById("no-selection").hidden = true;
  document.getElementById("selection").hidden = false;
}

function marking({ marked, along, chosen }) {
  const keys = new Set((marked ?? "").split(" ").filter(Boolean).map(Number)), codes = new Set(JSON.parse(along ?? "[]"));
  if (chosen) keys.add(Number(chosen));
  return (feature) => keys.has(feature.id) || codes.has(feature.properties.code);
}

export async function start(map) {
  const figure = document.getElementById("map"), said = figure.querySelector(".map-status"), { dataset } = figure;
  let found;
  try {
    const { after, before, buildings, streets } = dataset;
    found = await Promise.all([after, before, buildings, streets].map((address) => address && fetched(address)));
  } catch {
    said.textContent = dataset.errorText;
    dataset.loadStatus = "failed";
    return;
  }
  const [after, before, buildings, streets] = found, border = JSON.parse(dataset.border);
  const choose = (feature) => {
    if (dataset.moveUrl) location.assign(`${dataset.moveUrl}?building=${feature.id}`);
    else {
      drawing.choose(feature);
      fill(feature);
    }
  };
  const taste = { marked: marking(dataset), ends: [dataset.sourceGrid, dataset.targetGrid].filter(Boolean), choose };
  const drawing = new Drawing(map, { border, after, before, buildings, streets }, taste);
  const chosen = buildings.find(({ id }) => String(id) === dataset.selected);
  if (chosen) drawing.choose(chosen, true);
  startButtons(map, drawing);
  startSides(drawing);
  said.hidden = true;
  dataset.loadStatus = "ready";
}
