// Layer of the places of grids: symbols on the canvas of the map, thinned by zoom level, with names at large zoom.
import { createElement } from "../lib/dom.js";
import { boxesOverlap, textWidth } from "./label_boxes.js";
import { clusterPoints } from "./place_clusters.js";
import { drawCount, drawSymbol, readSymbols } from "./place_symbols.js";

const SIZES_PX = { badge: 24, plain: 16 };
const MARGIN_PX = 8; // around a symbol, for its number and for fingers
const NAMES_FROM_ZOOM = 18;
const LETTER_WIDTHS_PX = { latin: 6.5, chinese: 12, margin: 6 };
const NAME_HEIGHT_PX = 15;
const PLAIN = "plain";

/** @typedef {import("./place_symbols.js").PlaceSymbol} PlaceSymbol */
/** @typedef {{place: PlaceFeature, symbol: PlaceSymbol, latLng: L.LatLng, x: number, y: number}} LocatedPlace */

/** @param {PlaceSymbol} symbol */
const symbolSize = ({ badge }) => (badge === PLAIN ? SIZES_PX.plain : SIZES_PX.badge);

/** A symbol on the canvas of the map. Leaflet treats it as a circle, so that it is found by touch. */
class PlaceMarker extends L.CircleMarker {
  /**
   * @param {LocatedPlace[]} cluster
   * @param {L.CircleMarkerOptions} options
   */
  constructor(cluster, options) {
    super(cluster[0].latLng, { ...options, radius: symbolSize(cluster[0].symbol) / 2, weight: 2 * MARGIN_PX });
    this.cluster = cluster;
  }

  /** Leaflet calls this instead of drawing a circle. */
  _updatePath() {
    const { _renderer: renderer, _point: point } = /** @type {PrivatePath} */ (/** @type {unknown} */ (this));
    if (!renderer._drawing) return;
    const [{ symbol }] = this.cluster;
    const size = symbolSize(symbol);
    drawSymbol(renderer._ctx, symbol, point, size);
    if (this.cluster.length > 1) drawCount(renderer._ctx, this.cluster.length, point, size);
  }
}

export class PlaceLayer {
  /**
   * @param {L.Map} map
   * @param {PlaceFeature[]} features in the order of the catalogue: the first are the most important
   * @param {(places: PlaceFeature[]) => void} onSelect receives the places of the symbol that was touched
   * @param {L.CircleMarkerOptions} options of the symbols; by default they are on the canvas of the other layers
   */
  constructor(map, features, onSelect, options = {}) {
    this.map = map;
    this.onSelect = onSelect;
    this.options = options;
    /** @type {ReadonlySet<string>} */
    this.hiddenKinds = new Set();
    this.markers = L.featureGroup().addTo(map);
    this.names = L.layerGroup().addTo(map);
    this.places = locatePlaces(features);
    map.on("zoomend", () => this.layout());
    this.layout();
  }

  /** @param {ReadonlySet<string>} kinds */
  hideKinds(kinds) {
    this.hiddenKinds = kinds;
    this.layout();
  }

  layout() {
    const zoom = this.map.getZoom();
    const shown = this.places.filter(
      ({ place, symbol }) => !this.hiddenKinds.has(place.properties.kind) && zoom >= symbol.minZoom,
    );
    for (const each of shown) Object.assign(each, this.map.project(each.latLng, zoom));
    const isPlain = (/** @type {LocatedPlace} */ { symbol }) => symbol.badge === PLAIN;
    this.clusters = [
      ...clusterPoints(shown.filter(isPlain), SIZES_PX.plain),
      ...clusterPoints(
        shown.filter((each) => !isPlain(each)),
        SIZES_PX.badge,
      ),
    ];
    this.markers.clearLayers();
    for (const cluster of this.clusters) this.addMarker(cluster);
  }

  /** @param {boolean} visible */
  setVisible(visible) {
    for (const layer of [this.markers, this.names]) {
      if (visible) layer.addTo(this.map);
      else layer.remove();
    }
  }

  bringToFront() {
    this.markers.bringToFront();
  }

  /** @param {LocatedPlace[]} cluster */
  addMarker(cluster) {
    const marker = new PlaceMarker(cluster, this.options).addTo(this.markers);
    marker.on("click", (event) => {
      L.DomEvent.stopPropagation(event);
      this.onSelect(cluster.map(({ place }) => place));
    });
  }

  /**
   * Return the places of the symbol at a point of the map's container, in pixels; none where there is no symbol.
   *
   * @param {L.Point} point
   */
  placesAt(point) {
    const cluster = (this.clusters ?? []).findLast(
      ([{ latLng, symbol }]) =>
        this.map.latLngToContainerPoint(latLng).distanceTo(point) <= symbolSize(symbol) / 2 + MARGIN_PX,
    );
    return (cluster ?? []).map(({ place }) => place);
  }

  /** Return the boxes of the symbols in the view, which names should leave free. */
  symbolBoxes() {
    return (this.clusters ?? [])
      .filter(([{ symbol }]) => symbol.badge !== PLAIN)
      .map(([{ latLng, symbol }]) => this.boxAround(latLng, symbolSize(symbol), symbolSize(symbol)));
  }

  /**
   * Write the names of places below their symbols, where they fit.
   *
   * @param {Box[]} taken boxes of other names; those of the places are added
   */
  layoutNames(taken) {
    this.names.clearLayers();
    if (this.map.getZoom() < NAMES_FROM_ZOOM) return;
    const view = this.map.getBounds();
    for (const [{ place, symbol, latLng }] of this.clusters ?? []) {
      const { name } = place.properties;
      if (!name || !view.contains(latLng)) continue;
      const below = symbolSize(symbol) / 2 + NAME_HEIGHT_PX / 2 + 1;
      const box = this.boxAround(latLng, textWidth(name, LETTER_WIDTHS_PX), NAME_HEIGHT_PX, below);
      if (taken.some((other) => boxesOverlap(box, other))) continue;
      taken.push(box);
      this.showName(name, latLng, below);
    }
  }

  /**
   * @param {L.LatLng} latLng
   * @param {number} width
   * @param {number} height
   * @returns {Box}
   */
  boxAround(latLng, width, height, below = 0) {
    const { x, y } = this.map.latLngToContainerPoint(latLng);
    return [x - width / 2, y + below - height / 2, x + width / 2, y + below + height / 2];
  }

  /**
   * @param {string} name
   * @param {L.LatLng} latLng
   * @param {number} below
   */
  showName(name, latLng, below) {
    const html = createElement("div", "place-label", name);
    const icon = L.divIcon({ className: "label", html, iconSize: [0, 0], iconAnchor: [0, -below] });
    L.marker(latLng, { icon, interactive: false, keyboard: false }).addTo(this.names);
  }
}

/**
 * @param {PlaceFeature[]} features
 * @returns {LocatedPlace[]}
 */
function locatePlaces(features) {
  const symbols = readSymbols();
  return features.flatMap((place) => {
    const symbol = symbols.get(place.properties.symbol);
    const [longitude, latitude] = place.geometry.coordinates;
    return symbol ? [{ place, symbol, latLng: L.latLng(latitude, longitude), x: 0, y: 0 }] : [];
  });
}
