// The card on a map that names the places of the symbol that was touched. Texts are set as text only.
import { createElement, requireElement } from "../lib/dom.js";

const SVG_NAMESPACE = "http://www.w3.org/2000/svg";

/**
 * Create the symbol of a kind of places, which the page has.
 *
 * @param {string} symbol
 */
export function createSymbol(symbol) {
  const svg = document.createElementNS(SVG_NAMESPACE, "svg");
  const use = document.createElementNS(SVG_NAMESPACE, "use");
  svg.setAttribute("class", "place-icon");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  use.setAttribute("href", `#place-${symbol}`);
  svg.append(use);
  return svg;
}

/** @param {PlaceFeature} place */
function createEntry({ properties: { symbol, kind_name, name, address } }) {
  const item = createElement("li");
  const text = createElement("span");
  text.append(createElement("strong", "", name ?? kind_name));
  const details = [name && kind_name, address].filter(Boolean).join(" · ");
  if (details) text.append(createElement("span", "muted small", details));
  item.append(createSymbol(symbol), text);
  return item;
}

/**
 * Return a function that shows places in the card of a map; none hides it.
 *
 * @param {HTMLElement} figure
 * @returns {(places: PlaceFeature[]) => void}
 */
export function startPlaceInfo(figure) {
  const card = requireElement(".place-info", HTMLElement, figure);
  const list = requireElement("ul", HTMLElement, card);
  const show = (/** @type {PlaceFeature[]} */ places) => {
    list.replaceChildren(...places.map(createEntry));
    card.hidden = places.length === 0;
  };
  requireElement("button", HTMLButtonElement, card).addEventListener("click", () => show([]));
  L.DomEvent.disableClickPropagation(card);
  L.DomEvent.disableScrollPropagation(card);
  return show;
}
