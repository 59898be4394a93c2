// Names of buildings and codes of grids on the map: as many as fit without overlap, the largest features first.
import { createElement } from "../lib/dom.js";
import { boxesOverlap, shortCode, textWidth } from "./label_boxes.js";

const LABEL_HEIGHT_PX = 18;
const LETTER_WIDTHS_PX = { latin: 7, chinese: 13, margin: 8 };

/** @param {LayerFeature} feature */
function labelText({ properties: { layer, name, code, levels } }) {
  if (layer === "extent") return shortCode(code);
  return levels ? `${name} · ${levels}` : name;
}

/** @typedef {ReturnType<typeof measureLabel>} BuildingLabel */

/** @param {LayerFeature} feature */
function measureLabel(feature) {
  const bounds = L.geoJSON(feature).getBounds();
  const text = labelText(feature);
  const area = (bounds.getEast() - bounds.getWest()) * (bounds.getNorth() - bounds.getSouth());
  return { feature, bounds, text, area, point: bounds.getCenter(), width: textWidth(text, LETTER_WIDTHS_PX) };
}

export class BuildingLabels {
  /**
   * @param {L.Map} map
   * @param {LayerFeature[]} features
   * @param {(feature: LayerFeature) => boolean} isSelected selected features are labelled wherever they fit
   */
  constructor(map, features, isSelected) {
    this.map = map;
    this.isSelected = isSelected;
    this.labelLayer = L.layerGroup().addTo(map);
    this.labels = features.map(measureLabel).sort((a, b) => b.area - a.area);
    map.on("zoomend moveend resize", () => this.layout());
  }

  layout() {
    /** @type {Box[]} */
    const taken = [];
    const view = this.map.getBounds();
    this.labelLayer.clearLayers();
    const selected = this.labels.filter(({ feature }) => this.isSelected(feature));
    for (const label of [...selected, ...this.labels]) {
      const box = this.labelBox(label);
      const fits = selected.includes(label) || this.pixelExtent(label) > label.width / 2;
      if (!fits || !view.contains(label.point) || taken.some((other) => boxesOverlap(box, other))) continue;
      taken.push(box);
      this.show(label);
    }
  }

  /**
   * @param {BuildingLabel} label
   * @returns {Box}
   */
  labelBox({ point, width }) {
    const { x, y } = this.map.latLngToContainerPoint(point);
    return [x - width / 2, y - LABEL_HEIGHT_PX / 2, x + width / 2, y + LABEL_HEIGHT_PX / 2];
  }

  /** @param {BuildingLabel} label */
  pixelExtent({ bounds }) {
    const southWest = this.map.latLngToContainerPoint(bounds.getSouthWest());
    const northEast = this.map.latLngToContainerPoint(bounds.getNorthEast());
    return Math.max(northEast.x - southWest.x, southWest.y - northEast.y, 0);
  }

  /** @param {BuildingLabel} label */
  show({ point, text }) {
    const icon = L.divIcon({ className: "label", html: createElement("div", "name-label", text), iconSize: [0, 0] });
    L.marker(point, { icon, interactive: false, keyboard: false }).addTo(this.labelLayer);
  }
}
