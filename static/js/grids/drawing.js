// Streets, grids, buildings and open incidents on one canvas, in the colours of the page.
import { Names } from "./names.js";

const WIDTHS = { motorway: 8, arterial: 7, local: 5, lane: 2.5 };
const ROOM = { paddingTopLeft: [16, 16], paddingBottomRight: [68, 16], animate: false }; // the buttons stand on the right
const dark = matchMedia("(prefers-color-scheme: dark)");

export function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

export class Drawing {
  // here: code of the grid that the page is about; chooseGrid: told of a grid that is touched.
  constructor(map, features, { here, chooseGrid }) {
    Object.assign(this, { map, here, chosen: () => {}, marked: null });
    map.setMaxZoom(20);
    const of = (layer) => features.filter(({ properties }) => properties.layer === layer);
    const touch = (told) => (feature, part) => part.on("click", (event) => told(feature, event));
    this.layers = new Map([
      ["extent", this.add(of("extent"), { style: (each) => this.extentStyle(each), onEachFeature: touch(chooseGrid) })],
      ["grid", this.add(of("grid"), { interactive: false, style: (each) => this.gridStyle(each) })],
      ["street", this.add(of("street"), { interactive: false, style: (each) => this.streetStyle(each) })],
      ["building", this.add(of("building"), { style: (each) => this.buildingStyle(each), pointToLayer: dot,
        onEachFeature: touch((feature) => this.chosen(feature.id)) })],
      ["border", this.add(of("grid"), { interactive: false, style: (each) => this.borderStyle(each) })],
      ["incident", this.add(of("incident"), { interactive: false, style: (each) => this.incidentStyle(each), pointToLayer: dot })],
    ]);
    this.names = new Names(map, [...of("building"), ...of("extent")], (each) => this.isMarked(each));
    dark.addEventListener("change", () => this.restyle());
    this.showAll();
  }

  add(features, options) {
    return L.geoJSON(features, options).addTo(this.map);
  }

  isMarked({ id, properties }) {
    return properties.layer === "extent" ? properties.code === this.here : id === this.marked;
  }

  extentStyle(feature) {
    const here = this.isMarked(feature);
    return { color: colour(here ? "accent" : "line-strong"), weight: here ? 4 : 1.5, fillOpacity: 1,
             fillColor: colour(here ? "accent-soft" : "paper") };
  }

  gridStyle() {
    return { stroke: false, fillColor: colour("paper"), fillOpacity: 1 };
  }

  borderStyle({ properties }) {
    return { color: colour(properties.state.replace("_", "-")), weight: 4, fill: false };
  }

  streetStyle({ properties }) {
    return { color: colour("line"), weight: WIDTHS[properties.kind] ?? 2.5 };
  }

  buildingStyle(feature) {
    const here = this.isMarked(feature);
    return { color: colour(here ? "accent-strong" : "ink-soft"), weight: here ? 3 : 1, fillOpacity: 1,
             fillColor: colour(here ? "accent-soft" : "sunken") };
  }

  incidentStyle({ properties }) {
    return { color: colour("paper"), weight: 1.5, radius: properties.urgent ? 8 : 6, fillOpacity: 0.9,
             fillColor: colour(properties.urgent ? "bad" : "over") };
  }

  choose(key, zoom = false) {
    this.marked = key;
    this.layers.get("building").setStyle((each) => this.buildingStyle(each));
    this.names.place();
    const [part] = this.layers.get("building").getLayers().filter(({ feature }) => feature.id === key);
    if (!part) return;
    const bounds = part.getBounds?.() ?? part.getLatLng().toBounds(40);
    if (zoom) this.map.fitBounds(bounds, { maxZoom: 18, padding: [40, 40], animate: false });
    else if (!this.map.getBounds().contains(bounds)) this.map.panTo(bounds.getCenter(), { animate: false });
  }

  showAll() {
    const extents = this.layers.get("extent").getLayers(), own = extents.filter(({ feature }) => this.isMarked(feature));
    const shown = L.featureGroup(own.length ? own : [...extents, ...this.layers.get("grid").getLayers()]);
    if (shown.getLayers().length) this.map.fitBounds(shown.getBounds(), ROOM);
  }

  restyle() {
    for (const [name, layer] of this.layers) layer.setStyle((each) => this[`${name}Style`](each));
  }
}

function dot(_, at) {
  return L.circleMarker(at, { radius: 5 });
}
