// The layers of a plan map, painted on one canvas in the colours of the page: grids of one or two versions, buildings.
import { Labels } from "../overview/labels.js";

const CLOSEST = 21;
const WIDTHS = { motorway: 5, arterial: 4, local: 2.5, lane: 1.25 };
const SPOT = 4; // pixels of a building that is only a point
const dark = matchMedia("(prefers-color-scheme: dark)");

function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

function labelled(grids) {
  return grids.map((grid) => ({ ...grid, properties: { ...grid.properties, households: { number: grid.properties.households } } }));
}

export class Drawing {
  constructor(map, { border, after, before, buildings, streets }, { marked, ends, choose }) {
    Object.assign(this, { map, marked, ends, side: "after", chosen: null });
    map.setMaxZoom(CLOSEST);
    const layer = (features, options) => L.geoJSON(features, options).addTo(map);
    this.ground = layer(border, { interactive: false, style: () => this.groundStyle() });
    this.sides = { after: layer(after, { interactive: false, style: (each) => this.gridStyle(each) }) };
    if (before) this.sides.before = L.geoJSON(before, { interactive: false, style: (each) => this.gridStyle(each) });
    this.streets = layer(streets, { interactive: false, style: (each) => this.streetStyle(each) });
    this.edge = layer(border, { interactive: false, style: () => this.edgeStyle() });
    this.buildings = layer(buildings, { style: (each) => this.buildingStyle(each), pointToLayer: (_, at) => L.circleMarker(at, { radius: SPOT }),
      onEachFeature: (feature, part) => part.on("click", () => choose(feature)) });
    this.labels = { after: new Labels(map, labelled(after), [], () => this.side === "after") };
    if (before) this.labels.before = new Labels(map, labelled(before), [], () => this.side === "before");
    dark.addEventListener("change", () => this.restyle());
    this.showAll();
    this.place();
  }

  groundStyle() {
    return { stroke: false, fillColor: colour("paper"), fillOpacity: 1 };
  }

  gridStyle({ properties: { state, code } }) {
    const name = state.replace("_", "-"), end = this.ends.includes(code);
    return { color: end ? colour("ink") : colour(`${name}-ink`), weight: end ? 5 : 3, fillOpacity: 0.9, fillColor: colour(`${name}-soft`) };
  }

  streetStyle({ properties }) {
    return { color: colour("line-strong"), opacity: 0.45, weight: WIDTHS[properties.kind] ?? 1 };
  }

  edgeStyle() {
    return { color: colour("ink"), weight: 3, dashArray: "12 4 3 4", fill: false };
  }

  buildingStyle(feature) {
    if (feature.id === this.chosen) return { color: colour("ink"), weight: 4, fillColor: colour("accent"), fillOpacity: 1 };
    if (this.marked(feature)) return { color: colour("accent-strong"), weight: 2, fillColor: colour("accent"), fillOpacity: 0.95 };
    return { color: colour("ink-soft"), weight: 0.75, fillColor: colour("ink-soft"), fillOpacity: 0.22 };
  }

  // Show the grids of one of the two versions.
  show(side) {
    this.sides[this.side].remove();
    this.side = side;
    this.sides[side].addTo(this.map).bringToBack();
    this.ground.bringToBack();
    this.place();
  }

  place() {
    for (const each of Object.values(this.labels)) each.place();
  }

  choose(feature, zoom = false) {
    this.chosen = feature.id;
    this.buildings.setStyle((each) => this.buildingStyle(each));
    if (zoom) this.map.fitBounds(L.geoJSON(feature).getBounds().pad(8), { maxZoom: 18, animate: false });
  }

  showAll() {
    this.map.fitBounds(this.edge.getBounds(), { padding: [12, 12], animate: false });
  }

  restyle() {
    this.ground.setStyle(() => this.groundStyle());
    for (const side of Object.values(this.sides)) side.setStyle((each) => this.gridStyle(each));
    this.streets.setStyle((each) => this.streetStyle(each));
    this.edge.setStyle(() => this.edgeStyle());
    this.buildings.setStyle((each) => this.buildingStyle(each));
  }
}
