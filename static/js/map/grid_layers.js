// Layers of the pages of grids: streets, grids, buildings, resident groups and open incidents on one canvas.
import { cssColour, darkMode, statusColour } from "../lib/theme.js";
import { BuildingLabels } from "./building_labels.js";
import { givenStreetStyle, residentGroupStyle } from "./styles.js";

const MAX_ZOOM = 20;
/** @type {LayerName[]} from below */
const LAYER_NAMES = ["extent", "grid", "street", "building", "residentGroup", "border", "givenStreet", "incident"];
/** @type {Record<string, number>} */
const STREET_WIDTHS_PX = { motorway: 8, arterial: 7, local: 5, lane: 2.5 };
const POINT_RADIUS_PX = 5;
/** @type {L.FitBoundsOptions} */
const FIT_PADDING = { paddingTopLeft: [16, 16], paddingBottomRight: [68, 16], animate: false }; // room for the buttons

/**
 * @param {unknown} _feature
 * @param {L.LatLng} point
 */
const createPointMarker = (_feature, point) => L.circleMarker(point, { radius: POINT_RADIUS_PX });

export class GridLayers {
  /**
   * @param {L.Map} map
   * @param {LayerFeature[]} features
   * @param {{pageGridCode?: string, onGridClick: (feature: LayerFeature) => void}} options pageGridCode is the grid of
   *   the page
   */
  constructor(map, features, { pageGridCode, onGridClick }) {
    this.map = map;
    this.pageGridCode = pageGridCode;
    /** @type {(id: number) => void} */
    this.onBuildingClick = () => {};
    /** @type {number | null} */
    this.selectedId = null;
    map.setMaxZoom(MAX_ZOOM);
    const featuresOf = (/** @type {LayerName} */ name) =>
      features.filter(({ properties }) => properties.layer === name);
    /**
     * @param {(feature: LayerFeature) => void} handle
     * @returns {FeatureLayerOptions<LayerFeature>}
     */
    const onClick = (handle) => ({ onEachFeature: (feature, layer) => layer.on("click", () => handle(feature)) });
    const still = { interactive: false };
    const points = { pointToLayer: createPointMarker };
    const onBuilding = onClick(({ id }) => this.onBuildingClick(id));
    this.layers = {
      extent: this.addLayer("extent", featuresOf("extent"), onClick(onGridClick)),
      grid: this.addLayer("grid", featuresOf("grid"), still),
      street: this.addLayer("street", featuresOf("street"), still),
      building: this.addLayer("building", featuresOf("building"), { ...points, ...onBuilding }),
      residentGroup: this.addLayer("residentGroup", featuresOf("residentGroup"), still),
      border: this.addLayer("border", featuresOf("grid"), still),
      givenStreet: this.addLayer("givenStreet", featuresOf("givenStreet"), still),
      incident: this.addLayer("incident", featuresOf("incident"), { ...points, ...still }),
    };
    const labelled = [...featuresOf("building"), ...featuresOf("extent"), ...featuresOf("residentGroup")];
    this.labels = new BuildingLabels(map, labelled, (feature) => this.isSelected(feature));
    this.labels.isShown = ({ properties: { layer } }) => map.hasLayer(this.layers[layer]);
    darkMode.addEventListener("change", () => this.restyle());
    this.zoomToAll();
  }

  /**
   * @param {LayerName} name
   * @param {LayerFeature[]} features
   * @param {FeatureLayerOptions<LayerFeature>} options
   */
  addLayer(name, features, options) {
    return L.geoJSON(features, { ...options, style: (feature) => this.styleOf(name, feature) }).addTo(this.map);
  }

  /**
   * @param {LayerName} name
   * @param {LayerFeature} feature
   */
  styleOf(name, feature) {
    const styles = {
      extent: () => this.extentStyle(feature),
      grid: () => this.gridStyle(),
      street: () => this.streetStyle(feature),
      building: () => this.buildingStyle(feature),
      border: () => this.borderStyle(feature),
      givenStreet: () => givenStreetStyle(),
      residentGroup: () => residentGroupStyle(),
      incident: () => this.incidentStyle(feature),
    };
    return styles[name]();
  }

  /** @param {LayerFeature} feature */
  isSelected({ id, properties }) {
    return properties.layer === "extent" ? properties.code === this.pageGridCode : id === this.selectedId;
  }

  /** @param {LayerFeature} feature */
  extentStyle(feature) {
    const isSelected = this.isSelected(feature);
    return {
      color: cssColour(isSelected ? "accent" : "color-border-strong"),
      weight: isSelected ? 4 : 1.5,
      fillOpacity: 1,
      fillColor: cssColour(isSelected ? "accent-soft" : "color-surface"),
    };
  }

  gridStyle() {
    return { stroke: false, fillColor: cssColour("color-surface"), fillOpacity: 1 };
  }

  /** @param {LayerFeature} feature */
  borderStyle({ properties }) {
    return { color: statusColour(properties.status), weight: 4, fill: false };
  }

  /** @param {LayerFeature} feature */
  streetStyle({ properties }) {
    return { color: cssColour("color-border"), weight: STREET_WIDTHS_PX[properties.kind] ?? 2.5 };
  }

  /** @param {LayerFeature} feature */
  buildingStyle(feature) {
    const isSelected = this.isSelected(feature);
    return {
      color: cssColour(isSelected ? "accent-strong" : "color-text-muted"),
      weight: isSelected ? 3 : 1,
      fillOpacity: 1,
      fillColor: cssColour(isSelected ? "accent-soft" : "color-surface-sunken"),
    };
  }

  /** @param {LayerFeature} feature */
  incidentStyle({ properties: { urgent, overdue } }) {
    return {
      color: cssColour("color-surface"),
      weight: 1.5,
      radius: urgent ? 8 : 6,
      fillOpacity: 0.9,
      fillColor: urgent || overdue ? cssColour("color-error") : statusColour("over"),
    };
  }

  /** @param {number | null} id a building, or none */
  select(id, zoom = false) {
    const buildings = this.layers.building;
    this.selectedId = id;
    buildings.setStyle((each) => this.buildingStyle(each));
    this.labels.layout();
    const selected = buildings.getLayers().find(({ feature }) => feature.id === id);
    if (!selected) return;
    const bounds = selected instanceof L.CircleMarker ? selected.getLatLng().toBounds(40) : selected.getBounds();
    if (zoom) this.map.fitBounds(bounds, { maxZoom: 18, padding: [40, 40], animate: false });
    else if (!this.map.getBounds().contains(bounds)) this.map.panTo(bounds.getCenter(), { animate: false });
  }

  /**
   * Hide some layers and show all others, each in its place.
   *
   * @param {ReadonlySet<string>} names
   */
  hideLayers(names) {
    for (const name of LAYER_NAMES) {
      if (names.has(name)) this.layers[name].remove();
      else this.layers[name].addTo(this.map).bringToFront();
    }
    this.labels.layout();
  }

  zoomToAll() {
    const extents = this.layers.extent.getLayers();
    const pageGrid = extents.filter(({ feature }) => this.isSelected(feature));
    const group = L.featureGroup(pageGrid.length ? pageGrid : [...extents, ...this.layers.grid.getLayers()]);
    if (group.getLayers().length) this.map.fitBounds(group.getBounds(), FIT_PADDING);
  }

  restyle() {
    for (const name of LAYER_NAMES) this.layers[name].setStyle((each) => this.styleOf(name, each));
  }
}
