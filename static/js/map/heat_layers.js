// Layers of the leader's page: grids as areas or as symbols, squares, and names of grids and streets.
import { createElement, requireElement } from "../lib/dom.js";
import { cssColour, darkMode } from "../lib/theme.js";
import { GridLabels } from "./grid_labels.js";
import { boxesOverlap, textWidth } from "./label_boxes.js";
import { communityBorderStyle, communityFillStyle, streetStyle } from "./styles.js";

const MAX_RADIUS_PX = 30;
const MIN_RADIUS_PX = 4;
const ZOOM_SNAP = 0.25; // so that a long subdistrict fills its map
const STREET_LETTERS_PX = { latin: 7, chinese: 13, margin: 8 };

const selectionStyle = () => ({ color: cssColour("color-text"), weight: 4, fill: false });

/**
 * Return the radius of a symbol: its area is in proportion to the number.
 *
 * @param {number} number
 * @param {number} largest
 */
export function symbolRadius(number, largest) {
  return number ? Math.max(MIN_RADIUS_PX, MAX_RADIUS_PX * Math.sqrt(number / largest)) : MIN_RADIUS_PX / 2;
}

export class HeatLayers {
  /**
   * @param {L.Map} map
   * @param {HeatFeatures} features
   * @param {(feature: HeatPlace) => void} onSelect
   */
  constructor(map, features, onSelect) {
    this.map = map;
    this.features = features;
    this.onSelect = onSelect;
    /** @type {{node: HTMLElement, point: L.LatLng, width: number}[]} */
    this.streetLabels = [];
    /** @type {HeatShape} */
    this.shape = "grids";
    /** @type {(feature: HeatPlace) => string} */
    this.colourOf = () => "";
    /** @type {(feature: HeatPlace) => string} */
    this.textOf = () => "";
    map.options.zoomSnap = ZOOM_SNAP;
    this.fill = L.geoJSON(features.communities, { interactive: false, style: communityFillStyle }).addTo(map);
    this.places = L.layerGroup().addTo(map);
    this.streets = L.geoJSON(features.streets, { interactive: false, style: streetStyle }).addTo(map);
    this.borders = L.geoJSON(features.communities, { interactive: false, style: communityBorderStyle }).addTo(map);
    this.selection = L.geoJSON(null, { interactive: false, style: selectionStyle }).addTo(map);
    /** @type {import("./grid_labels.js").LabelContent<HeatFeature>} */
    const content = {
      createLabel: (grid) => this.createLabel(grid),
      priorityOf: ({ properties }) => properties.number,
    };
    this.labels = new GridLabels(map, features.grids, [], () => this.shape !== "squares", content);
    this.centres = new Map(this.labels.labels.map(({ grid, point }) => [grid?.id, point]));
    this.addStreetNames(features.streetNames);
    map.on("zoomend moveend resize", () => this.layoutStreetNames());
    darkMode.addEventListener("change", () => this.restyle());
    this.zoomToAll();
  }

  /**
   * Draw the places.
   *
   * @param {HeatShape} shape
   * @param {(feature: HeatPlace) => string} colourOf
   * @param {(feature: HeatPlace) => string} textOf
   */
  draw(shape, colourOf, textOf) {
    this.shape = shape;
    this.colourOf = colourOf;
    this.textOf = textOf;
    this.places.clearLayers();
    const places = this.features[shape === "squares" ? "squares" : "grids"];
    if (shape === "symbols") this.drawOutlines(places);
    const largest = Math.max(1, ...places.map(({ properties }) => properties.number));
    const pointToLayer = (/** @type {HeatPlace} */ { properties }, /** @type {L.LatLng} */ point) =>
      L.circleMarker(point, { radius: symbolRadius(properties.number, largest) });
    const style = (/** @type {HeatPlace} */ feature) => ({
      color: cssColour("color-text-muted"),
      weight: 1,
      fillOpacity: 1,
      fillColor: colourOf(feature),
    });
    const onEachFeature = (/** @type {HeatPlace} */ feature, /** @type {L.Layer} */ layer) =>
      layer.on("click", () => this.onSelect(feature));
    /** @type {HeatPlace[]} */
    const drawn = shape === "symbols" ? this.symbolPoints(places) : places;
    this.places.addLayer(L.geoJSON(drawn, { style, pointToLayer, onEachFeature }));
    for (const { grid, node } of this.labels.labels) {
      if (grid) requireElement(".label-count", HTMLElement, node).textContent = textOf(grid);
    }
    this.labels.layout();
    this.layoutStreetNames();
    for (const each of [this.streets, this.borders, this.selection]) each.bringToFront();
    if (shape === "symbols") this.places.eachLayer((layer) => layer instanceof L.GeoJSON && layer.bringToFront());
  }

  /** @param {HeatFeature[]} places */
  drawOutlines(places) {
    const style = { color: cssColour("color-border-strong"), weight: 1, fill: false };
    this.places.addLayer(L.geoJSON(places, { interactive: false, style }));
  }

  /**
   * Return a point for each grid, those with the highest numbers first.
   *
   * @param {HeatFeature[]} places
   */
  symbolPoints(places) {
    /** @type {HeatPlace[]} */
    const points = [];
    for (const place of places) {
      const centre = this.centres.get(place.id);
      if (centre) points.push({ ...place, geometry: { type: "Point", coordinates: [centre.lng, centre.lat] } });
    }
    return points.sort((a, b) => b.properties.number - a.properties.number);
  }

  /** @param {HeatFeature} grid */
  createLabel({ properties }) {
    const node = createElement("div", "grid-label heat-label");
    const head = createElement("span", "label-head");
    head.append(createElement("b", "", properties.label));
    node.append(head, createElement("span", "label-count"));
    return node;
  }

  /** @param {StreetNameFeature[]} names */
  addStreetNames(names) {
    for (const { geometry, properties } of names) {
      const [lng, lat] = geometry.coordinates;
      const node = createElement("div", "street-label", properties.name);
      const icon = L.divIcon({ className: "label", html: node, iconSize: [0, 0] });
      L.marker([lat, lng], { icon, interactive: false, keyboard: false }).addTo(this.map);
      this.streetLabels.push({ node, point: L.latLng(lat, lng), width: textWidth(properties.name, STREET_LETTERS_PX) });
    }
  }

  // Show as many names as fit between those of grids, the longest streets first.
  layoutStreetNames() {
    const taken = this.labels.labels
      .filter(({ node }) => node.dataset.labelSize !== "none")
      .map((label) => this.labels.labelBox(label, this.labels.labelSize(label) ?? { width: 0, height: 0 }));
    for (const { node, point, width } of this.streetLabels) {
      const { x, y } = this.map.latLngToContainerPoint(point);
      /** @type {Box} */
      const box = [x - width / 2, y - 9, x + width / 2, y + 9];
      const isFree = !taken.some((other) => boxesOverlap(box, other));
      node.dataset.labelSize = isFree ? "full" : "none";
      if (isFree) taken.push(box);
    }
  }

  /** @param {HeatPlace} grid */
  select(grid) {
    this.selection.clearLayers().addData(grid).bringToFront();
    this.labels.select(grid.id);
    this.layoutStreetNames();
    const bounds = this.selection.getBounds();
    if (!this.map.getBounds().contains(bounds)) this.map.panTo(bounds.getCenter(), { animate: false });
  }

  zoomToAll() {
    const bounds = this.borders.getBounds();
    if (bounds.isValid()) this.map.fitBounds(bounds, { padding: [12, 12], animate: false });
  }

  restyle() {
    this.fill.setStyle(communityFillStyle);
    this.streets.setStyle(streetStyle);
    this.borders.setStyle(communityBorderStyle);
    this.draw(this.shape, this.colourOf, this.textOf);
  }
}
