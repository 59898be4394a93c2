// Symbols of places: read from the page (templates/grids/_places.html) and drawn on a canvas as the legend shows them.
import { listElements } from "../lib/dom.js";
import { cssColour } from "../lib/theme.js";

const BOX = 24; // of a symbol, in its own units; the drawing within takes 16 of them
const MARGIN = 4;
const PEN_WIDTH = 1.6;
const PREFIX = "place-";

/** @typedef {{badge: string, minZoom: number, group: string, line: Path2D | null, solid: Path2D | null}} PlaceSymbol */

/**
 * @param {Element} element
 * @param {string} name
 */
function readPath(element, name) {
  const data = element.querySelector(`path.${name}`)?.getAttribute("d");
  return data ? new Path2D(data) : null;
}

/**
 * Return the symbols of the page by name.
 *
 * @returns {Map<string, PlaceSymbol>}
 */
export function readSymbols() {
  const elements = listElements(".place-symbols symbol", SVGElement);
  return new Map(
    elements.map((element) => [
      element.id.slice(PREFIX.length),
      {
        badge: element.dataset.badge ?? "plain",
        minZoom: Number(element.dataset.minZoom ?? 0),
        group: [...element.classList].find((name) => name.startsWith(PREFIX) && name !== "place-symbol") ?? "",
        line: readPath(element, "line"),
        solid: readPath(element, "solid"),
      },
    ]),
  );
}

/** @param {string} group */
const groupColour = (group) => cssColour(`${group}-colour`) || cssColour("color-text");

/** @param {string} badge */
function badgePath(badge) {
  const path = new Path2D();
  if (badge === "square") path.roundRect(1, 1, BOX - 2, BOX - 2, 4);
  else if (badge === "diamond") path.addPath(new Path2D("M12-.5 24.5 12 12 24.5-.5 12z"));
  else path.arc(BOX / 2, BOX / 2, badge === "plain" ? 11 : 11.5, 0, 2 * Math.PI);
  return path;
}

/**
 * Draw a symbol around a point.
 *
 * @param {CanvasRenderingContext2D} context
 * @param {PlaceSymbol} symbol
 * @param {L.Point} centre
 * @param {number} size in pixels
 */
export function drawSymbol(context, { badge, group, line, solid }, { x, y }, size) {
  const [ink, paper] = [groupColour(group), cssColour("color-surface")];
  const isPlain = badge === "plain";
  context.save();
  context.globalAlpha = 1;
  context.translate(x - size / 2, y - size / 2);
  context.scale(size / BOX, size / BOX);
  Object.assign(context, { fillStyle: isPlain ? paper : ink, strokeStyle: isPlain ? ink : paper, lineWidth: 1.5 });
  context.setLineDash([]);
  const shape = badgePath(badge);
  context.fill(shape);
  context.stroke(shape);
  const pen = { fillStyle: isPlain ? ink : paper, strokeStyle: isPlain ? ink : paper, lineWidth: PEN_WIDTH };
  Object.assign(context, { ...pen, lineCap: "round", lineJoin: "round" });
  context.translate(MARGIN, MARGIN);
  if (line) context.stroke(line);
  if (solid) context.fill(solid, "evenodd");
  context.restore();
}

/**
 * Draw the number of places that one symbol stands for, at its upper right corner.
 *
 * @param {CanvasRenderingContext2D} context
 * @param {number} count
 * @param {L.Point} centre
 * @param {number} size of the symbol in pixels
 */
export function drawCount(context, count, { x, y }, size) {
  const text = count > 99 ? "99+" : String(count);
  const width = 6 + 6 * text.length;
  const [left, top] = [x + size / 2 - 5, y - size / 2 - 7];
  context.save();
  context.globalAlpha = 1;
  context.beginPath();
  context.roundRect(left, top, width, 13, 6.5);
  Object.assign(context, { fillStyle: cssColour("color-text"), textAlign: "center", textBaseline: "middle" });
  context.fill();
  Object.assign(context, { fillStyle: cssColour("color-surface"), font: "600 10px system-ui, sans-serif" });
  context.fillText(text, left + width / 2, top + 7);
  context.restore();
}
