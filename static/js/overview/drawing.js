// The layers of the map, painted on one canvas in the colours of the page.
import { Labels } from "./labels.js";

const CLOSEST = 19;
const WIDTHS = { motorway: 5, arterial: 4, local: 2.5, lane: 1.25 };
const dark = matchMedia("(prefers-color-scheme: dark)");

function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

function stateColour(state, kind = "") {
  return colour(state.replace("_", "-") + kind);
}

export class Drawing {
  constructor(map, [communities, grids, groups, streets], choose) {
    Object.assign(this, { map, shown: null });
    map.setMaxZoom(CLOSEST);
    const layer = (features, options) => L.geoJSON(features, options).addTo(map);
    this.ground = layer(communities, { interactive: false, style: () => this.groundStyle() });
    this.grids = layer(grids, { style: (feature) => this.gridStyle(feature), onEachFeature: (feature, part) =>
      part.on("click", () => choose(feature.id)) });
    this.streets = layer(streets, { interactive: false, style: (feature) => this.streetStyle(feature) });
    this.groups = L.geoJSON(groups.filter(({ geometry }) => geometry), { interactive: false, style: () => this.groupStyle() });
    this.borders = layer(communities, { interactive: false, style: () => this.borderStyle() });
    this.mark = L.geoJSON(null, { interactive: false, style: () => ({ color: colour("ink"), weight: 4, fill: false }) }).addTo(map);
    this.labels = new Labels(map, grids, communities, (feature) => this.shows(feature));
    dark.addEventListener("change", () => this.restyle());
    this.showAll();
  }

  groundStyle() {
    return { stroke: false, fillColor: colour("paper"), fillOpacity: 1 };
  }

  gridStyle(feature) {
    const { state } = feature.properties, faint = !this.shows(feature);
    return { color: faint ? colour("line-strong") : stateColour(state), weight: 1.5, fillOpacity: faint ? 0.15 : 0.9,
             fillColor: faint ? colour("line") : stateColour(state, "-soft") };
  }

  streetStyle({ properties }) {
    return { color: colour("line-strong"), opacity: 0.45, weight: WIDTHS[properties.kind] ?? 1 };
  }

  groupStyle() {
    return { color: colour("ink-soft"), weight: 2, dashArray: "3 6", fill: false };
  }

  borderStyle() {
    return { color: colour("ink"), weight: 3, dashArray: "12 4 3 4", fill: false };
  }

  shows(feature) {
    return !this.shown || this.shown(feature);
  }

  // Show only the grids that a test holds for; all with null.
  show(shown) {
    this.shown = shown;
    this.grids.setStyle((feature) => this.gridStyle(feature));
    this.labels.place();
  }

  // Buildings are drawn where one is close enough to tell them apart; a browser that has no import maps does without.
  showBuildings(on) {
    const style = () => {
      const all = { fillStyle: colour("line"), strokeStyle: colour("ink-soft"), globalAlpha: 0.6 };
      return () => all;
    };
    import("../tiles/buildings.js").then(({ buildings }) => {
      this.buildings = buildings(this.map, { on, style });
    }).catch(() => {});
  }

  showGroups(wanted) {
    if (wanted) this.groups.addTo(this.map);
    else this.groups.remove();
  }

  showAll() {
    const bounds = this.grids.getBounds().isValid() ? this.grids.getBounds() : this.ground.getBounds();
    if (bounds.isValid()) this.map.fitBounds(bounds, { padding: [12, 12], animate: false });
  }

  choose(grid, zoom) {
    this.mark.clearLayers().addData(grid).bringToFront();
    this.labels.choose(grid.id);
    const bounds = this.mark.getBounds();
    if (zoom) this.map.fitBounds(bounds, { maxZoom: Math.max(this.map.getZoom(), 16), padding: [60, 60], animate: false });
    else if (!this.map.getBounds().intersects(bounds)) this.map.panTo(bounds.getCenter());
  }

  restyle() {
    const styles = [[this.ground, () => this.groundStyle()], [this.grids, (feature) => this.gridStyle(feature)],
      [this.streets, (feature) => this.streetStyle(feature)], [this.groups, () => this.groupStyle()],
      [this.borders, () => this.borderStyle()], [this.mark, () => ({ color: colour("ink") })]];
    for (const [layer, style] of styles) layer.setStyle(style);
    this.buildings?.redraw();
  }
}
