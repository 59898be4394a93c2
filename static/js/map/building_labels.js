// Names of buildings and codes of grids on the map: as many as fit without overlap, the largest features first.
import { createElement } from "../lib/dom.js";
import { boxesOverlap, shortCode, textWidth } from "./label_boxes.js";

const LABEL_HEIGHT_PX = 18;
const STEPS_PX = [0, 21, -21]; // below or above a symbol that stands where the name would be
const LETTER_WIDTHS_PX = { latin: 7, chinese: 13, margin: 8 };

/** @param {LayerFeature} feature */
const isGroup = ({ properties: { layer } }) => layer === "residentGroup";

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
    /** @type {(feature: LayerFeature) => boolean} */
    this.isShown = () => true;
    /** @type {() => Box[]} */
    this.obstacles = () => [];
    /** @type {(taken: Box[]) => void} */
    this.onLayout = () => {};
    this.labelLayer = L.layerGroup().addTo(map);
    this.labels = features.map(measureLabel).sort((a, b) => b.area - a.area);
    map.on("zoomend moveend resize", () => this.layout());
  }

  layout() {
    /** @type {Box[]} */
    const taken = this.obstacles();
    const view = this.map.getBounds();
    this.labelLayer.clearLayers();
    const selected = this.labels.filter(({ feature }) => this.isSelected(feature));
    const others = this.labels.filter((label) => !selected.includes(label));
    for (const label of [...selected, ...others]) {
      const fits = selected.includes(label) || this.pixelExtent(label) > label.width / 2;
      if (!fits || !view.contains(label.point) || !this.isShown(label.feature)) continue;
      const step = STEPS_PX.find((dy) => !taken.some((other) => boxesOverlap(this.labelBox(label, dy), other)));
      if (step === undefined) continue;
      taken.push(this.labelBox(label, step));
      this.show(label, step);
    }
    this.onLayout(taken);
  }

  /**
   * @param {BuildingLabel} label
   * @param {number} dy
   * @returns {Box}
   */
  labelBox({ point, width }, dy) {
    const { x, y } = this.map.latLngToContainerPoint(point);
    return [x - width / 2, y + dy - LABEL_HEIGHT_PX / 2, x + width / 2, y + dy + LABEL_HEIGHT_PX / 2];
  }

  /** @param {BuildingLabel} label */
  pixelExtent({ bounds }) {
    const southWest = this.map.latLngToContainerPoint(bounds.getSouthWest());
    const northEast = this.map.latLngToContainerPoint(bounds.getNorthEast());
    return Math.max(northEast.x - southWest.x, southWest.y - northEast.y, 0);
  }

  /**
   * @param {BuildingLabel} label
   * @param {number} dy
   */
  show({ feature, point, text }, dy) {
    const html = createElement("div", isGroup(feature) ? "group-label" : "name-label", text);
    const icon = L.divIcon({ className: "label", html, iconSize: [0, 0], iconAnchor: [0, -dy] });
    L.marker(point, { icon, interactive: false, keyboard: false }).addTo(this.labelLayer);
  }
}
