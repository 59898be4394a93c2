// Buildings for any of our Leaflet maps, from vector tiles: fetched for what is in view, painted on canvas tile by tile.
// The page needs the import map of templates/_macros/tiles.html in its block `imports`.
import { VectorTile } from "@mapbox/vector-tile";
import { PbfReader } from "pbf";

const PANE = "buildings", ABOVE_GRIDS = 410;
const DOT = 3;
const [POINT, POLYGON] = [1, 3];

function trace(context, rings, scale) {
  for (const ring of rings) {
    ring.forEach(({ x, y }, at) => (at ? context.lineTo(x * scale, y * scale) : context.moveTo(x * scale, y * scale)));
    context.closePath();
  }
}

function dots(context, rings, scale) {
  for (const { x, y } of rings.flat()) {
    context.moveTo(x * scale + DOT, y * scale);
    context.arc(x * scale, y * scale, DOT, 0, 2 * Math.PI);
  }
}

function paint(canvas, layer, { x: width, y: height }, style) {
  const ratio = devicePixelRatio || 1, context = canvas.getContext("2d");
  Object.assign(canvas, { width: width * ratio, height: height * ratio });
  context.scale(ratio, ratio);
  for (let number = 0; number < layer.length; number += 1) {
    const feature = layer.feature(number), scale = width / layer.extent;
    context.beginPath();
    if (feature.type === POLYGON) trace(context, feature.loadGeometry(), scale);
    else if (feature.type === POINT) dots(context, feature.loadGeometry(), scale);
    Object.assign(context, style(feature.properties));
    context.fill("evenodd");
    context.stroke();
  }
}

async function fetched(address, signal) {
  const answer = await fetch(address, { signal });
  if (!answer.ok || answer.redirected) throw new Error(`${answer.status} ${address}`);
  return new VectorTile(new PbfReader(await answer.arrayBuffer())).layers.buildings;
}

const Buildings = L.GridLayer.extend({
  createTile({ x, y, z }, done) {
    const canvas = document.createElement("canvas"), ending = new AbortController();
    canvas.ending = ending;
    fetched(`/tiles/buildings/${z}/${x}/${y}.pbf?on=${this.options.on}`, ending.signal).then((layer) => {
      canvas.dataset.buildings = layer?.length ?? 0;
      if (layer) paint(canvas, layer, this.getTileSize(), this.options.style());
      done(null, canvas);
    }).catch((error) => done(error, canvas));
    return canvas;
  },
});

// on: the day as YYYY-MM-DD; style: makes, for each tile, what leads from {name, levels, grid} to properties of a
// canvas's context.
export function buildings(map, { on, style, minZoom = 15 }) {
  const pane = map.getPane(PANE) ?? map.createPane(PANE);
  Object.assign(pane.style, { zIndex: ABOVE_GRIDS, pointerEvents: "none" });
  map.setMinZoom(map.options.minZoom ?? 0); // else the layer's least level would be the map's
  const layer = new Buildings({ pane: PANE, on, style, minZoom, minNativeZoom: 14, maxNativeZoom: 20, updateWhenIdle: true });
  layer.on("tileunload", ({ tile }) => tile.ending.abort());
  return layer.addTo(map);
}
