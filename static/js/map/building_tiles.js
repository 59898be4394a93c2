// A layer of buildings from vector tiles, drawn on canvas tile by tile.
// The page needs the import map of templates/_macros/import_map.html in its block `import_map`.
import { VectorTile } from "@mapbox/vector-tile";
import { PbfReader } from "pbf";

const PANE_NAME = "buildings", PANE_Z_INDEX = 410; // above the grids
const POINT_RADIUS_PX = 3;
const [POINT, POLYGON] = [1, 3];

function tracePolygons(context, rings, scale) {
  for (const ring of rings) {
    ring.forEach(({ x, y }, index) =>
      (index ? context.lineTo(x * scale, y * scale) : context.moveTo(x * scale, y * scale)));
    context.closePath();
  }
}

function tracePoints(context, rings, scale) {
  for (const { x, y } of rings.flat()) {
    context.moveTo(x * scale + POINT_RADIUS_PX, y * scale);
    context.arc(x * scale, y * scale, POINT_RADIUS_PX, 0, 2 * Math.PI);
  }
}

function drawTile(canvas, layer, { x: width, y: height }, style) {
  const ratio = devicePixelRatio || 1, context = canvas.getContext("2d");
  Object.assign(canvas, { width: width * ratio, height: height * ratio });
  context.scale(ratio, ratio);
  for (let index = 0; index < layer.length; index += 1) {
    const feature = layer.feature(index), scale = width / layer.extent;
    context.beginPath();
    if (feature.type === POLYGON) tracePolygons(context, feature.loadGeometry(), scale);
    else if (feature.type === POINT) tracePoints(context, feature.loadGeometry(), scale);
    Object.assign(context, style(feature.properties));
    context.fill("evenodd");
    context.stroke();
  }
}

async function fetchTile(url, signal) {
  const response = await fetch(url, { signal });
  if (!response.ok || response.redirected) throw new Error(`${response.status} ${url}`);
  return new VectorTile(new PbfReader(await response.arrayBuffer())).layers.buildings;
}

const BuildingTileLayer = L.GridLayer.extend({
  createTile({ x, y, z }, done) {
    const canvas = document.createElement("canvas"), abortController = new AbortController();
    const { date, makeStyle } = this.options;
    canvas.abortController = abortController;
    fetchTile(`/tiles/buildings/${z}/${x}/${y}.pbf?on=${date}`, abortController.signal).then((layer) => {
      canvas.dataset.buildings = layer?.length ?? 0;
      if (layer) drawTile(canvas, layer, this.getTileSize(), makeStyle());
      done(null, canvas);
    }).catch((error) => done(error, canvas));
    return canvas;
  },
});

/**
 * Add the buildings of a date (YYYY-MM-DD) to a map.
 *
 * @param {L.Map} map
 * @param {{date: string, makeStyle: () => (properties: object) => object, minZoom?: number}} options makeStyle is called
 *   for each tile; it returns a function from {name, levels, grid} to properties of a canvas context
 */
export function addBuildingTiles(map, { date, makeStyle, minZoom = 15 }) {
  const pane = map.getPane(PANE_NAME) ?? map.createPane(PANE_NAME);
  Object.assign(pane.style, { zIndex: PANE_Z_INDEX, pointerEvents: "none" });
  map.setMinZoom(map.options.minZoom ?? 0); // otherwise the layer's least level would be the map's
  const zooms = { minZoom, minNativeZoom: 14, maxNativeZoom: 20 };
  const layer = new BuildingTileLayer({ pane: PANE_NAME, date, makeStyle, ...zooms, updateWhenIdle: true });
  layer.on("tileunload", ({ tile }) => tile.abortController.abort());
  return layer.addTo(map);
}
