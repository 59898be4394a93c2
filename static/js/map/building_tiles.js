// A layer of buildings from vector tiles, drawn on canvas tile by tile.
// The page needs the import map of templates/_macros/import_map.html in its block `import_map`.
import { VectorTile } from "@mapbox/vector-tile";
import { PbfReader } from "pbf";

const PANE_NAME = "buildings";
const SCHEMATIC_DASH = [3, 2]; // outline of a building whose place is not surveyed
const PANE_Z_INDEX = 410; // above the grids
const POINT_RADIUS_PX = 3;
const [POINT, POLYGON] = [1, 3];

/** @typedef {{x: number, y: number}[][]} Rings */
/** @typedef {(properties: Record<string, unknown>) => Partial<CanvasRenderingContext2D>} TileStyle */

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Rings} rings
 * @param {number} scale
 */
function tracePolygons(context, rings, scale) {
  for (const ring of rings) {
    ring.forEach(({ x, y }, index) => {
      if (index) context.lineTo(x * scale, y * scale);
      else context.moveTo(x * scale, y * scale);
    });
    context.closePath();
  }
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Rings} rings
 * @param {number} scale
 */
function tracePoints(context, rings, scale) {
  for (const { x, y } of rings.flat()) {
    context.moveTo(x * scale + POINT_RADIUS_PX, y * scale);
    context.arc(x * scale, y * scale, POINT_RADIUS_PX, 0, 2 * Math.PI);
  }
}

/**
 * @param {HTMLCanvasElement} canvas
 * @param {import("@mapbox/vector-tile").VectorTileLayer} layer
 * @param {L.Point} size
 * @param {TileStyle} style
 */
function drawTile(canvas, layer, { x: width, y: height }, style) {
  const ratio = devicePixelRatio || 1;
  const context = canvas.getContext("2d");
  if (!context) return;
  Object.assign(canvas, { width: width * ratio, height: height * ratio });
  context.scale(ratio, ratio);
  for (let index = 0; index < layer.length; index += 1) {
    const feature = layer.feature(index);
    const scale = width / layer.extent;
    context.beginPath();
    if (feature.type === POLYGON) tracePolygons(context, feature.loadGeometry(), scale);
    else if (feature.type === POINT) tracePoints(context, feature.loadGeometry(), scale);
    Object.assign(context, style(feature.properties));
    context.setLineDash(feature.properties.schematic ? SCHEMATIC_DASH : []);
    context.fill("evenodd");
    context.stroke();
  }
}

/**
 * @param {string} url
 * @param {AbortSignal} signal
 */
async function fetchTile(url, signal) {
  const response = await fetch(url, { signal });
  if (!response.ok || response.redirected) throw new Error(`${response.status} ${url}`);
  return new VectorTile(new PbfReader(await response.arrayBuffer())).layers.buildings;
}

class BuildingTileLayer extends L.GridLayer {
  /** @param {L.GridLayerOptions & {date: string, makeStyle: () => TileStyle}} options */
  constructor({ date, makeStyle, ...options }) {
    super(options);
    this.date = date;
    this.makeStyle = makeStyle;
    /** @type {WeakMap<HTMLElement, AbortController>} */
    this.requests = new WeakMap();
  }

  /**
   * @param {L.Coords} coords
   * @param {L.DoneCallback} done
   */
  createTile({ x, y, z }, done) {
    const canvas = document.createElement("canvas");
    const abortController = new AbortController();
    this.requests.set(canvas, abortController);
    fetchTile(`/tiles/buildings/${z}/${x}/${y}.pbf?on=${this.date}`, abortController.signal)
      .then((layer) => {
        canvas.dataset.buildings = String(layer?.length ?? 0);
        if (layer) drawTile(canvas, layer, this.getTileSize(), this.makeStyle());
        done(undefined, canvas);
      })
      .catch((error) => done(error, canvas));
    return canvas;
  }
}

/**
 * Add the buildings of a date (YYYY-MM-DD) to a map.
 *
 * @param {L.Map} map
 * @param {{date: string, makeStyle: () => TileStyle, minZoom?: number}} options makeStyle is called
 *   for each tile; it returns a function from {name, levels, grid} to properties of a canvas context
 */
export function addBuildingTiles(map, { date, makeStyle, minZoom = 15 }) {
  const pane = map.getPane(PANE_NAME) ?? map.createPane(PANE_NAME);
  Object.assign(pane.style, { zIndex: String(PANE_Z_INDEX), pointerEvents: "none" });
  map.setMinZoom(map.options.minZoom ?? 0); // otherwise the layer's least level would be the map's
  const zooms = { minZoom, minNativeZoom: 14, maxNativeZoom: 20 };
  const layer = new BuildingTileLayer({ pane: PANE_NAME, date, makeStyle, ...zooms, updateWhenIdle: true });
  layer.on("tileunload", ({ tile }) => layer.requests.get(tile)?.abort());
  return layer.addTo(map);
}
