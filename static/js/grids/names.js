// Names over the map: as many as fit without covering one another, the largest things first.
import { make } from "../overview/nodes.js";

const HEIGHT = 18;

function width(text) {
  return [...text].reduce((sum, letter) => sum + (letter.codePointAt(0) > 0x2e7f ? 13 : 7), 8);
}

function meet(a, b) {
  return a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3];
}

function named({ properties: { layer, name, code, levels } }) {
  if (layer === "extent") return code.length > 12 ? code.slice(12).replace(/^-/, "") || code : code;
  return levels ? `${name} · ${levels}` : name;
}

export class Names {
  constructor(map, features, marked) {
    Object.assign(this, { map, marked, shown: L.layerGroup().addTo(map) });
    this.all = features.map((feature) => this.measured(feature)).sort((a, b) => b.size - a.size);
    map.on("zoomend moveend resize", () => this.place());
  }

  measured(feature) {
    const box = L.geoJSON(feature).getBounds(), text = named(feature);
    const size = (box.getEast() - box.getWest()) * (box.getNorth() - box.getSouth());
    return { feature, box, text, size, at: box.getCenter(), width: width(text) };
  }

  place() {
    const view = this.map.getBounds(), taken = [];
    this.shown.clearLayers();
    const first = this.all.filter(({ feature }) => this.marked(feature));
    for (const each of [...first, ...this.all]) {
      const { x, y } = this.map.latLngToContainerPoint(each.at), half = each.width / 2;
      const spot = [x - half, y - HEIGHT / 2, x + half, y + HEIGHT / 2];
      const fits = first.includes(each) || this.across(each) > half;
      if (!fits || !view.contains(each.at) || taken.some((other) => meet(spot, other))) continue;
      taken.push(spot);
      this.show(each);
    }
  }

  across({ box }) {
    const a = this.map.latLngToContainerPoint(box.getSouthWest()), b = this.map.latLngToContainerPoint(box.getNorthEast());
    return Math.max(b.x - a.x, a.y - b.y, 0);
  }

  show({ at, text }) {
    const icon = L.divIcon({ className: "label", html: make("div", "name-label", text), iconSize: [0, 0] });
    L.marker(at, { icon, interactive: false, keyboard: false }).addTo(this.shown);
  }
}
