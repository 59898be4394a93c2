// Layers of the pages of grids: streets, grids, buildings and open incidents on one canvas.
import { cssColour, darkMode, statusColour } from "../lib/theme.js";
import { BuildingLabels } from "./building_labels.js";
import { givenStreetStyle } from "./styles.js";

const MAX_ZOOM = 20;
const STREET_WIDTHS_PX = { motorway: 8, arterial: 7, local: 5, lane: 2.5 };
const POINT_RADIUS_PX = 5;
const FIT_PADDING = { paddingTopLeft: [16, 16], paddingBottomRight: [68, 16], animate: false }; // room for the buttons

const createPointMarker = (_, point) => L.circleMarker(point, { radius: POINT_RADIUS_PX });

export class GridLayers {
  /**
   * @param {L.Map} map
   * @param {object[]} features with `layer` among their properties: extent, grid, street, building or incident
   * @param {{pageGridCode?: string, onGridClick: (feature: object) => void}} options pageGridCode is the grid of the page
   */
  constructor(map, features, { pageGridCode, onGridClick }) {
    Object.assign(this, { map, pageGridCode, onBuildingClick: () => {}, selectedId: null });
    map.setMaxZoom(MAX_ZOOM);
    const featuresOf = (name) => features.filter(({ properties }) => properties.layer === name);
    const onClick = (handle) => ({ onEachFeature: (feature, layer) => layer.on("click", () => handle(feature)) });
    const still = { interactive: false }, points = { pointToLayer: createPointMarker };
    this.layers = new Map();
    this.addLayer("extent", featuresOf("extent"), onClick(onGridClick));
    this.addLayer("grid", featuresOf("grid"), still);
    this.addLayer("street", featuresOf("street"), still);
    this.addLayer("building", featuresOf("building"), { ...points, ...onClick(({ id }) => this.onBuildingClick(id)) });
    this.addLayer("border", featuresOf("grid"), still);
    this.addLayer("givenStreet", featuresOf("givenStreet"), still);
    this.addLayer("incident", featuresOf("incident"), { ...points, ...still });
    const labelled = [...featuresOf("building"), ...featuresOf("extent")];
    this.labels = new BuildingLabels(map, labelled, (feature) => this.isSelected(feature));
    darkMode.addEventListener("change", () => this.restyle());
    this.zoomToAll();
  }

  givenStreetStyle() {
    return givenStreetStyle();
  }

  addLayer(name, features, options) {
    const style = (feature) => this[`${name}Style`](feature);
    this.layers.set(name, L.geoJSON(features, { ...options, style }).addTo(this.map));
  }

  isSelected({ id, properties }) {
    return properties.layer === "extent" ? properties.code === this.pageGridCode : id === this.selectedId;
  }

  extentStyle(feature) {
    const isSelected = this.isSelected(feature);
    return { color: cssColour(isSelected ? "accent" : "color-border-strong"), weight: isSelected ? 4 : 1.5, fillOpacity: 1,
             fillColor: cssColour(isSelected ? "accent-soft" : "color-surface") };
  }

  gridStyle() {
    return { stroke: false, fillColor: cssColour("color-surface"), fillOpacity: 1 };
  }

  borderStyle({ properties }) {
    return { color: statusColour(properties.status), weight: 4, fill: false };
  }

  streetStyle({ properties }) {
    return { color: cssColour("color-border"), weight: STREET_WIDTHS_PX[properties.kind] ?? 2.5 };
  }

  buildingStyle(feature) {
    const isSelected = this.isSelected(feature);
    return { color: cssColour(isSelected ? "accent-strong" : "color-text-muted"), weight: isSelected ? 3 : 1,
             fillOpacity: 1, fillColor: cssColour(isSelected ? "accent-soft" : "color-surface-sunken") };
  }

  incidentStyle({ properties: { urgent } }) {
    return { color: cssColour("color-surface"), weight: 1.5, radius: urgent ? 8 : 6, fillOpacity: 0.9,
             fillColor: urgent ? cssColour("color-error") : statusColour("over") };
  }

  /** @param {number | null} id a building, or none */
  select(id, zoom = false) {
    const buildings = this.layers.get("building");
    this.selectedId = id;
    buildings.setStyle((each) => this.buildingStyle(each));
    this.labels.layout();
    const selected = buildings.getLayers().find(({ feature }) => feature.id === id);
    if (!selected) return;
    const bounds = selected.getBounds?.() ?? selected.getLatLng().toBounds(40);
    if (zoom) this.map.fitBounds(bounds, { maxZoom: 18, padding: [40, 40], animate: false });
    else if (!this.map.getBounds().contains(bounds)) this.map.panTo(bounds.getCenter(), { animate: false });
  }

  zoomToAll() {
    const extents = this.layers.get("extent").getLayers();
    const pageGrid = extents.filter(({ feature }) => this.isSelected(feature));
    const group = L.featureGroup(pageGrid.length ? pageGrid : [...extents, ...this.layers.get("grid").getLayers()]);
    if (group.getLayers().length) this.map.fitBounds(group.getBounds(), FIT_PADDING);
  }

  restyle() {
    for (const [name, layer] of this.layers) layer.setStyle((each) => this[`${name}Style`](each));
  }
}
