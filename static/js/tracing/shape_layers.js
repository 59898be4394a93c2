// Shapes and buildings of a draft as layers of the map; the style sheet draws them by their classes.
import { createElement } from "../lib/dom.js";
import { isArea, toLatLng } from "./draft.js";

/** Kinds from below to above. */
const ORDER = ["dedicated", "grid", "outline", "community", "barrier", "street"];
const LABELLED = new Set(["outline", "grid", "dedicated", "community"]);
const MIN_LABEL_ZOOM = 14;

export class ShapeLayers {
  /**
   * @param {L.Map} map
   * @param {{onSelect: (id: string) => void, nameOf: (shape: TracedShape) => string}} options
   */
  constructor(map, { onSelect, nameOf }) {
    this.map = map;
    this.onSelect = onSelect;
    this.nameOf = nameOf;
    this.renderer = L.svg({ padding: 0.5 });
    this.shapes = L.layerGroup().addTo(map);
    this.buildings = L.layerGroup().addTo(map);
    this.labels = L.layerGroup().addTo(map);
    map.on("zoomend", () => this.showLabels());
  }

  /**
   * @param {TracedShape[]} shapes
   * @param {string | null} selected
   */
  draw(shapes, selected) {
    this.shapes.clearLayers();
    this.labels.clearLayers();
    const sorted = [...shapes].sort((a, b) => ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind));
    for (const shape of sorted) {
      const className = `traced-${shape.kind}${shape.id === selected ? " is-selected" : ""}`;
      const options = { className, renderer: this.renderer, bubblingMouseEvents: true, smoothFactor: 0 };
      const points = shape.vertices.map(toLatLng);
      const layer = isArea(shape) ? L.polygon(points, options) : L.polyline(points, options);
      layer.on("click", (event) => this.select(shape.id, event));
      layer.addTo(this.shapes);
      const name = this.nameOf(shape);
      if (name && LABELLED.has(shape.kind)) this.addLabel(shape.kind, layer.getBounds(), name);
    }
    this.showLabels();
  }

  /**
   * @param {string} id
   * @param {L.LeafletMouseEvent} event
   */
  select(id, event) {
    if (this.map.getContainer().classList.contains("is-drawing")) return;
    L.DomEvent.stop(event);
    this.onSelect(id);
  }

  /**
   * Label a shape: in its middle, but for what others lie in, whose label is in a corner or at the upper edge.
   *
   * @param {string} kind
   * @param {L.LatLngBounds} bounds
   * @param {string} name
   */
  addLabel(kind, bounds, name) {
    const middle = bounds.getCenter();
    const places = { grid: bounds.getNorthWest(), community: L.latLng(bounds.getNorth(), middle.lng) };
    const at = places[/** @type {"grid" | "community"} */ (kind)] ?? middle;
    const html = createElement("span", "", name);
    const icon = L.divIcon({ className: `traced-label traced-label-${kind}`, html, iconSize: [0, 0] });
    L.marker(at, { icon, interactive: false, keyboard: false }).addTo(this.labels);
  }

  showLabels() {
    const pane = this.map.getZoom() >= MIN_LABEL_ZOOM;
    if (pane) this.labels.addTo(this.map);
    else this.labels.remove();
  }

  /**
   * @param {DraftBuilding[]} buildings
   * @param {((building: DraftBuilding, to: L.LatLng | null) => void) | null} onMove to null: back in
   *   order; without it, buildings stay where they are
   */
  drawBuildings(buildings, onMove) {
    this.buildings.clearLayers();
    for (const building of buildings) {
      const options = { className: "traced-building", renderer: this.renderer, interactive: Boolean(onMove) };
      const layer = L.polygon(building.ring.map(toLatLng), options).addTo(this.buildings);
      if (onMove) this.makeDraggable(layer, building, onMove);
    }
  }

  /**
   * @param {L.Polygon} layer
   * @param {DraftBuilding} building
   * @param {(building: DraftBuilding, to: L.LatLng | null) => void} onMove
   */
  makeDraggable(layer, building, onMove) {
    layer.bindTooltip(createElement("span", "", `${building.estate} ${building.number}`));
    layer.on("dblclick", (event) => {
      L.DomEvent.stop(event);
      if (building.moved) onMove(building, null);
    });
    layer.on("mousedown", (event) => {
      L.DomEvent.stop(event);
      this.map.dragging.disable();
      const [start, middle] = [event.latlng, layer.getBounds().getCenter()];
      const drag = (/** @type {L.LeafletMouseEvent} */ { latlng }) => {
        const shift = [latlng.lat - start.lat, latlng.lng - start.lng];
        layer.setLatLngs(building.ring.map(([lng, lat]) => L.latLng(lat + shift[0], lng + shift[1])));
      };
      const drop = (/** @type {L.LeafletMouseEvent} */ { latlng }) => {
        this.map.off("mousemove", drag).dragging.enable();
        const to = L.latLng(middle.lat + latlng.lat - start.lat, middle.lng + latlng.lng - start.lng);
        if (latlng.distanceTo(start) > 0.5) onMove(building, to);
      };
      this.map.on("mousemove", drag).once("mouseup", drop);
    });
  }
}
