// Layers of the overview: communities, grids, streets and resident groups on one canvas.
import { darkMode } from "../lib/theme.js";
import { GridLabels, STATUS_CONTENT } from "./grid_labels.js";
import {
  communityBorderStyle,
  communityFillStyle,
  cssColour,
  residentGroupStyle,
  statusColour,
  streetStyle,
} from "./styles.js";

const MAX_ZOOM = 19;

const selectionStyle = () => ({ color: cssColour("color-text"), weight: 4, fill: false });

export class OverviewLayers {
  /**
   * @param {L.Map} map
   * @param {OverviewFeatures} features
   * @param {(id: number) => void} onGridClick
   */
  constructor(map, { communities, grids, groups, streets }, onGridClick) {
    this.map = map;
    /** @type {GridFilter | null} */
    this.filter = null;
    /** @type {L.GridLayer | null} */
    this.buildings = null;
    map.setMaxZoom(MAX_ZOOM);
    this.communityFill = L.geoJSON(communities, { interactive: false, style: communityFillStyle }).addTo(map);
    this.grids = L.geoJSON(grids, {
      style: (feature) => this.gridStyle(feature),
      onEachFeature: (feature, layer) => layer.on("click", () => onGridClick(feature.id)),
    }).addTo(map);
    this.streets = L.geoJSON(streets, { interactive: false, style: streetStyle }).addTo(map);
    this.groups = L.geoJSON(
      groups.filter(({ geometry }) => geometry),
      { interactive: false, style: residentGroupStyle },
    );
    this.borders = L.geoJSON(communities, { interactive: false, style: communityBorderStyle }).addTo(map);
    this.selection = L.geoJSON(null, { interactive: false, style: selectionStyle }).addTo(map);
    this.labels = new GridLabels(map, grids, communities, (feature) => this.isShown(feature), STATUS_CONTENT);
    darkMode.addEventListener("change", () => this.restyle());
    this.zoomToAll();
  }

  /** @param {GridFeature} feature */
  gridStyle(feature) {
    const { status } = feature.properties;
    if (!this.isShown(feature)) {
      return {
        color: cssColour("color-border-strong"),
        weight: 1.5,
        fillOpacity: 0.15,
        fillColor: cssColour("color-border"),
      };
    }
    return { color: statusColour(status), weight: 1.5, fillOpacity: 0.9, fillColor: statusColour(status, "-soft") };
  }

  /** @param {GridFeature} feature */
  isShown(feature) {
    return !this.filter || this.filter(feature);
  }

  /** @param {GridFilter | null} filter grids that are shown; all with null */
  setFilter(filter) {
    this.filter = filter;
    this.grids.setStyle((feature) => this.gridStyle(feature));
    this.labels.layout();
  }

  /**
   * Show the buildings of a date, from zoom 15 on. A browser without import maps shows none.
   *
   * @param {string} date
   */
  showBuildings(date) {
    const makeStyle = () => {
      const style = {
        fillStyle: cssColour("color-border"),
        strokeStyle: cssColour("color-text-muted"),
        globalAlpha: 0.6,
      };
      return () => style;
    };
    import("./building_tiles.js")
      .then(({ addBuildingTiles }) => {
        this.buildings = addBuildingTiles(this.map, { date, makeStyle });
      })
      .catch(() => {});
  }

  /** @param {boolean} isShown */
  showGroups(isShown) {
    if (isShown) this.groups.addTo(this.map);
    else this.groups.remove();
  }

  zoomToAll() {
    const bounds = this.grids.getBounds().isValid() ? this.grids.getBounds() : this.communityFill.getBounds();
    if (bounds.isValid()) this.map.fitBounds(bounds, { padding: [12, 12], animate: false });
  }

  /**
   * @param {GridFeature} grid
   * @param {boolean} zoom
   */
  select(grid, zoom) {
    this.selection.clearLayers().addData(grid).bringToFront();
    this.labels.select(grid.id);
    const bounds = this.selection.getBounds();
    const maxZoom = Math.max(this.map.getZoom(), 16);
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
