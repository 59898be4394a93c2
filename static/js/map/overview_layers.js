// Layers of the overview: communities, grids, streets and resident groups on one canvas.
import { darkMode } from "../lib/theme.js";
import { GridLabels } from "./grid_labels.js";
import { communityBorderStyle, communityFillStyle, cssColour, statusColour, streetStyle } from "./styles.js";

const MAX_ZOOM = 19;

const residentGroupStyle = () => ({ color: cssColour("color-text-muted"), weight: 2, dashArray: "3 6", fill: false });
const selectionStyle = () => ({ color: cssColour("color-text"), weight: 4, fill: false });

export class OverviewLayers {
  /**
   * @param {L.Map} map
   * @param {{communities: object[], grids: object[], groups: object[], streets: object[]}} features
   * @param {(id: number) => void} onGridClick
   */
  constructor(map, { communities, grids, groups, streets }, onGridClick) {
    Object.assign(this, { map, filter: null });
    map.setMaxZoom(MAX_ZOOM);
    const addLayer = (features, options) => L.geoJSON(features, options).addTo(map);
    this.communityFill = addLayer(communities, { interactive: false, style: communityFillStyle });
    this.grids = addLayer(grids, { style: (feature) => this.gridStyle(feature), onEachFeature: (feature, layer) =>
      layer.on("click", () => onGridClick(feature.id)) });
    this.streets = addLayer(streets, { interactive: false, style: streetStyle });
    this.groups = L.geoJSON(groups.filter(({ geometry }) => geometry), { interactive: false, style: residentGroupStyle });
    this.borders = addLayer(communities, { interactive: false, style: communityBorderStyle });
    this.selection = addLayer(null, { interactive: false, style: selectionStyle });
    this.labels = new GridLabels(map, grids, communities, (feature) => this.isShown(feature));
    darkMode.addEventListener("change", () => this.restyle());
    this.zoomToAll();
  }

  gridStyle(feature) {
    const { status } = feature.properties;
    if (!this.isShown(feature)) {
      return { color: cssColour("color-border-strong"), weight: 1.5, fillOpacity: 0.15, fillColor: cssColour("color-border") };
    }
    return { color: statusColour(status), weight: 1.5, fillOpacity: 0.9, fillColor: statusColour(status, "-soft") };
  }

  isShown(feature) {
    return !this.filter || this.filter(feature);
  }

  /** @param {((feature: object) => boolean) | null} filter grids that are shown; all with null */
  setFilter(filter) {
    this.filter = filter;
    this.grids.setStyle((feature) => this.gridStyle(feature));
    this.labels.layout();
  }

  // Buildings are drawn from zoom 15 on. A browser without import maps shows none.
  showBuildings(date) {
    const makeStyle = () => {
      const style = { fillStyle: cssColour("color-border"), strokeStyle: cssColour("color-text-muted"), globalAlpha: 0.6 };
      return () => style;
    };
    import("./building_tiles.js").then(({ addBuildingTiles }) => {
      this.buildings = addBuildingTiles(this.map, { date, makeStyle });
    }).catch(() => {});
  }

  showGroups(isShown) {
    if (isShown) this.groups.addTo(this.map);
    else this.groups.remove();
  }

  zoomToAll() {
    const bounds = this.grids.getBounds().isValid() ? this.grids.getBounds() : this.communityFill.getBounds();
    if (bounds.isValid()) this.map.fitBounds(bounds, { padding: [12, 12], animate: false });
  }

  select(grid, zoom) {
    this.selection.clearLayers().addData(grid).bringToFront();
    this.labels.select(grid.id);
    const bounds = this.selection.getBounds(), maxZoom = Math.max(this.map.getZoom(), 16);
    if (zoom) this.map.fitBounds(bounds, { maxZoom, padding: [60, 60], animate: false });
    else if (!this.map.getBounds().intersects(bounds)) this.map.panTo(bounds.getCenter());
  }

  restyle() {
    this.communityFill.setStyle(communityFillStyle);
    this.grids.setStyle((feature) => this.gridStyle(feature));
    this.streets.setStyle(streetStyle);
    this.groups.setStyle(residentGroupStyle);
    this.borders.setStyle(communityBorderStyle);
    this.selection.setStyle(selectionStyle);
    this.buildings?.redraw();
  }
}
