// The map on pages of grids: for offices, workers and residents. What is on it comes from the addresses in data-features.
import { Drawing } from "./drawing.js";
import { startPicking } from "./picking.js";
import { startPosition } from "./position.js";

async function fetched(address) {
  const answer = await fetch(address, { headers: { "Accept-Language": document.documentElement.lang } });
  if (!answer.ok) throw new Error(`${answer.status} ${address}`);
  return (await answer.json()).features;
}

function startButtons(map, drawing) {
  const zoom = { in: () => map.zoomIn(), out: () => map.zoomOut(), all: () => drawing.showAll() };
  for (const button of document.querySelectorAll("[data-zoom]")) button.addEventListener("click", zoom[button.dataset.zoom]);
  for (const button of document.querySelectorAll(".map-buttons button")) L.DomEvent.disableClickPropagation(button);
}

// What the list says of a building, beside the map, too; nodes are copied, so that no text is ever read as markup.
function tellChosen(key) {
  const row = document.querySelector(`[data-building="${key}"]`), place = document.getElementById("selection");
  for (const each of document.querySelectorAll("[data-building][data-selected]")) delete each.dataset.selected;
  if (row) row.dataset.selected = "";
  if (!row || !place) return;
  place.replaceChildren(...[...row.children].map((node) => node.cloneNode(true)));
  place.hidden = false;
}

function startList(drawing) {
  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-select-building]");
    if (!link) return;
    event.preventDefault();
    drawing.choose(Number(link.dataset.selectBuilding), true);
    tellChosen(link.dataset.selectBuilding);
    document.getElementById("map").scrollIntoView({ block: "start" });
  });
}

function startDrawing(map, features, figure) {
  const open = ({ properties }) => { if (properties.page) location.assign(properties.page + location.search); };
  const drawing = new Drawing(map, features, { here: figure.dataset.here, chooseGrid: open });
  if (figure.dataset.pickerForm) startPicking(map, drawing, document.getElementById(figure.dataset.pickerForm));
  else drawing.chosen = (key) => { drawing.choose(key); tellChosen(key); };
  return drawing;
}

// Without the map there are still the lists.
function tellFailure(figure, said) {
  said.textContent = figure.dataset.errorText;
  figure.dataset.loadStatus = "failed";
}

export async function start(map) {
  const figure = document.getElementById("map"), said = figure.querySelector(".map-status");
  let features;
  try {
    features = (await Promise.all(figure.dataset.features.split(" ").map(fetched))).flat();
  } catch {
    return tellFailure(figure, said);
  }
  const drawing = startDrawing(map, features, figure);
  startButtons(map, drawing);
  startList(drawing);
  startPosition(map, figure);
  said.hidden = true;
  figure.dataset.loadStatus = "ready";
}
