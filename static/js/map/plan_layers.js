// Layers of a plan: grids of one or two revisions and the buildings of the community on one canvas.
import { darkMode } from "../lib/theme.js";
import { GridLabels, STATUS_CONTENT } from "./grid_labels.js";
import { labelGivenStreets } from "./street_labels.js";
import {
  communityBorderStyle,
  communityFillStyle,
  cssColour,
  givenStreetStyle,
  shownStreetStyle,
  statusColour,
  streetStyle,
} from "./styles.js";

const MAX_ZOOM = 21;
const POINT_RADIUS_PX = 4;

/**
 * @param {unknown} _feature
 * @param {L.LatLng} point
 */
const createPointMarker = (_feature, point) => L.circleMarker(point, { radius: POINT_RADIUS_PX });

/** @param {PlanGridFeature[]} grids */
function withHouseholdLabels(grids) {
  return grids.map(({ properties, ...grid }) => ({
    ...grid,
    properties: { ...properties, households: { number: properties.households } },
  }));
}

export class PlanLayers {
  /**
   * @param {L.Map} map
   * @param {PlanFeatures} features
   * @param {{isHighlighted: (feature: PlanBuildingFeature) => boolean, endpointCodes: string[],
   *   onBuildingClick: (feature: PlanBuildingFeature) => void}} options endpointCodes are the grids that a building
   *   moves between
   */
  constructor(map, features, { isHighlighted, endpointCodes, onBuildingClick }) {
    const { border, after, before, buildings, streets, givenStreets = [] } = features;
    this.map = map;
    this.isHighlighted = isHighlighted;
    this.endpointCodes = endpointCodes;
    /** @type {"before" | "after"} */
    this.shownSide = "after";
    /** @type {number | null} */
    this.selectedId = null;
    map.setMaxZoom(MAX_ZOOM);
    this.communityFill = L.geoJSON(border, { interactive: false, style: communityFillStyle }).addTo(map);
    this.sides = { after: this.createGridLayer(after), before: before ? this.createGridLayer(before) : null };
    this.sides.after.addTo(map);
    this.streets = L.geoJSON(streets, { interactive: false, style: streetStyle }).addTo(map);
    this.givenStreets = L.geoJSON(givenStreets, { interactive: false, style: givenStreetStyle }).addTo(map);
    labelGivenStreets(map, givenStreets);
    this.shownStreet = L.geoJSON(null, { interactive: false, style: shownStreetStyle }).addTo(map);
    this.boundary = L.geoJSON(border, { interactive: false, style: communityBorderStyle }).addTo(map);
    this.buildings = L.geoJSON(buildings, {
      style: (feature) => this.buildingStyle(feature),
      pointToLayer: createPointMarker,
      onEachFeature: (feature, layer) => layer.on("click", () => onBuildingClick(feature)),
    }).addTo(map);
    this.labels = [this.createLabels("after", after), ...(before ? [this.createLabels("before", before)] : [])];
    darkMode.addEventListener("change", () => this.restyle());
    this.zoomToAll();
    this.layoutLabels();
  }

  /** @param {PlanGridFeature[]} grids */
  createGridLayer(grids) {
    return L.geoJSON(grids, { interactive: false, style: (feature) => this.gridStyle(feature) });
  }

  /**
   * @param {"before" | "after"} side
   * @param {PlanGridFeature[]} grids
   */
  createLabels(side, grids) {
    return new GridLabels(this.map, withHouseholdLabels(grids), [], () => this.shownSide === side, STATUS_CONTENT);
  }

  /** @param {PlanGridFeature} feature */
  gridStyle({ properties: { status, code } }) {
    const isEndpoint = this.endpointCodes.includes(code);
    return {
      color: isEndpoint ? cssColour("color-text") : statusColour(status, "-ink"),
      weight: isEndpoint ? 5 : 3,
      fillOpacity: 0.9,
      fillColor: statusColour(status, "-soft"),
    };
  }

  /** @param {PlanBuildingFeature} feature */
  buildingStyle(feature) {
    if (feature.id === this.selectedId) {
      return { color: cssColour("color-text"), weight: 4, fillColor: cssColour("accent"), fillOpacity: 1 };
    }
    if (this.isHighlighted(feature)) {
      return { color: cssColour("accent-strong"), weight: 2, fillColor: cssColour("accent"), fillOpacity: 0.95 };
    }
    const color = cssColour("color-text-muted");
    const dashArray = feature.properties.schematic ? "3 2" : undefined;
    return { color, weight: dashArray ? 1.25 : 0.75, fillColor: color, fillOpacity: 0.22, dashArray };
  }

  /**
   * Show where a street runs between two grids.
   *
   * @param {GeoJSON.Geometry} geometry
   * @param {string[]} gridCodes
   */
  showStreet(geometry, gridCodes) {
    this.endpointCodes = gridCodes;
    this.restyle();
    this.shownStreet.clearLayers().addData({ type: "Feature", id: 0, geometry, properties: {} });
    this.map.fitBounds(this.shownStreet.getBounds().pad(0.5), { maxZoom: 17, animate: false });
  }

  /** @param {"before" | "after"} side the revision whose grids are shown */
  showSide(side) {
    this.sides[this.shownSide]?.remove();
    this.shownSide = side;
    this.sides[side]?.addTo(this.map).bringToBack();
    this.communityFill.bringToBack();
    this.layoutLabels();
  }

  layoutLabels() {
    for (const labels of this.labels) labels.layout();
  }

  /** @param {PlanBuildingFeature} feature */
  select(feature, zoom = false) {
    this.selectedId = feature.id;
    this.buildings.setStyle((each) => this.buildingStyle(each));
    if (zoom) this.map.fitBounds(L.geoJSON(feature).getBounds().pad(8), { maxZoom: 18, animate: false });
  }

  zoomToAll() {
    this.map.fitBounds(this.boundary.getBounds(), { padding: [12, 12], animate: false });
  }

  restyle() {
    this.communityFill.setStyle(communityFillStyle);
    for (const side of Object.values(this.sides)) side?.setStyle((each) => this.gridStyle(each));
    this.streets.setStyle(streetStyle);
    this.givenStreets.setStyle(givenStreetStyle);
    this.shownStreet.setStyle(shownStreetStyle);
    this.boundary.setStyle(communityBorderStyle);
    this.buildings.setStyle((each) => this.buildingStyle(each));
  }
}
