// Layers of a plan: grids of one or two revisions and the buildings of the community on one canvas.
import { darkMode } from "../lib/theme.js";
import { GridLabels } from "./grid_labels.js";
import { communityBorderStyle, communityFillStyle, cssColour, givenStreetStyle, statusColour, streetStyle } from "./styles.js";

const MAX_ZOOM = 21;
const POINT_RADIUS_PX = 4;

const createPointMarker = (_, point) => L.circleMarker(point, { radius: POINT_RADIUS_PX });

function withHouseholdLabels(grids) {
  return grids.map(({ properties, ...grid }) =>
    ({ ...grid, properties: { ...properties, households: { number: properties.households } } }));
}

export class PlanLayers {
  /**
   * @param {L.Map} map
   * @param {{border: object, after: object[], before?: object[], buildings: object[], streets: object[],
   *   givenStreets: object[]}} features
   * @param {{isHighlighted: (feature: object) => boolean, endpointCodes: string[],
   *   onBuildingClick: (feature: object) => void}} options endpointCodes are the grids that a building moves between
   */
  constructor(map, features, { isHighlighted, endpointCodes, onBuildingClick }) {
    const { border, after, before, buildings, streets, givenStreets } = features;
    Object.assign(this, { map, isHighlighted, endpointCodes, shownSide: "after", selectedId: null });
    map.setMaxZoom(MAX_ZOOM);
    const addLayer = (shapes, options) => L.geoJSON(shapes, options).addTo(map);
    const gridOptions = { interactive: false, style: (feature) => this.gridStyle(feature) };
    this.communityFill = addLayer(border, { interactive: false, style: communityFillStyle });
    this.sides = { after: addLayer(after, gridOptions) };
    if (before) this.sides.before = L.geoJSON(before, gridOptions);
    this.streets = addLayer(streets, { interactive: false, style: streetStyle });
    this.givenStreets = addLayer(givenStreets, { interactive: false, style: givenStreetStyle });
    this.boundary = addLayer(border, { interactive: false, style: communityBorderStyle });
    this.buildings = addLayer(buildings, { style: (feature) => this.buildingStyle(feature), pointToLayer: createPointMarker,
      onEachFeature: (feature, layer) => layer.on("click", () => onBuildingClick(feature)) });
    this.labels = { after: new GridLabels(map, withHouseholdLabels(after), [], () => this.shownSide === "after") };
    if (before) this.labels.before = new GridLabels(map, withHouseholdLabels(before), [], () => this.shownSide === "before");
    darkMode.addEventListener("change", () => this.restyle());
    this.zoomToAll();
    this.layoutLabels();
  }

  gridStyle({ properties: { status, code } }) {
    const isEndpoint = this.endpointCodes.includes(code);
    return { color: isEndpoint ? cssColour("color-text") : statusColour(status, "-ink"), weight: isEndpoint ? 5 : 3,
             fillOpacity: 0.9, fillColor: statusColour(status, "-soft") };
  }

  buildingStyle(feature) {
    if (feature.id === this.selectedId) {
      return { color: cssColour("color-text"), weight: 4, fillColor: cssColour("accent"), fillOpacity: 1 };
    }
    if (this.isHighlighted(feature)) {
      return { color: cssColour("accent-strong"), weight: 2, fillColor: cssColour("accent"), fillOpacity: 0.95 };
    }
    const color = cssColour("color-text-muted");
    return { color, weight: 0.75, fillColor: color, fillOpacity: 0.22 };
  }

  /** @param {"before" | "after"} side the revision whose grids are shown */
  showSide(side) {
    this.sides[this.shownSide].remove();
    this.shownSide = side;
    this.sides[side].addTo(this.map).bringToBack();
    this.communityFill.bringToBack();
    this.layoutLabels();
  }

  layoutLabels() {
    for (const labels of Object.values(this.labels)) labels.layout();
  }

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
    for (const side of Object.values(this.sides)) side.setStyle((each) => this.gridStyle(each));
    this.streets.setStyle(streetStyle);
    this.givenStreets.setStyle(givenStreetStyle);
    this.boundary.setStyle(communityBorderStyle);
    this.buildings.setStyle((each) => this.buildingStyle(each));
  }
}
