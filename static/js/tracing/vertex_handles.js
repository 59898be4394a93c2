// Handles of the selected shape: a vertex is dragged or removed, a midpoint becomes a vertex. While a shape is drawn,
// clicks on them belong to it: its corners often are those of the shape before.
import { listEdges, toLatLng, toVertex } from "./draft.js";
import { findSnap } from "./snapping.js";

/**
 * @param {string} className
 * @param {number} size
 */
const handleIcon = (className, size) => L.divIcon({ className, iconSize: [size, size] });

export class VertexHandles {
  /**
   * @param {L.Map} map
   * @param {import("./draft.js").Draft} draft
   * @param {import("./drawing_tool.js").DrawingTool} tool
   */
  constructor(map, draft, tool) {
    this.map = map;
    this.draft = draft;
    this.tool = tool;
    this.group = L.layerGroup().addTo(map);
  }

  /** @param {TracedShape | undefined} shape */
  show(shape) {
    this.group.clearLayers();
    if (!shape) return;
    for (const vertex of shape.vertices) this.addVertex(shape, vertex);
    for (const edge of listEdges(shape)) this.addMidpoint(shape, edge);
  }

  /**
   * @param {TracedShape} shape
   * @param {Vertex} vertex
   */
  addVertex(shape, vertex) {
    const marker = L.marker(toLatLng(vertex), { icon: handleIcon("vertex", 14), draggable: true, zIndexOffset: 1000 });
    marker.on("drag", (event) => this.snapMarker(shape, marker, /** @type {L.LeafletMouseEvent} */ (event)));
    marker.on("dragend", () => this.draft.moveVertex(vertex, toVertex(marker.getLatLng()), shape.id));
    marker.on("click", () => this.tool.isActive || this.draft.removeVertex(shape.id, vertex));
    this.passToTool(marker);
    marker.addTo(this.group);
  }

  /**
   * Let the drawing tool have the clicks on a handle while it draws.
   *
   * @param {L.Marker} marker
   */
  passToTool(marker) {
    marker.on("click", (event) => this.tool.addVertex(/** @type {L.LeafletMouseEvent} */ (event)));
    marker.on("dblclick", () => this.tool.finish());
  }

  /**
   * @param {TracedShape} shape
   * @param {[Vertex, Vertex]} edge
   */
  addMidpoint(shape, edge) {
    const [from, to] = edge.map(toLatLng);
    const middle = L.latLng((from.lat + to.lat) / 2, (from.lng + to.lng) / 2);
    const marker = L.marker(middle, { icon: handleIcon("midpoint", 10), draggable: true });
    marker.on("drag", (event) => this.snapMarker(shape, marker, /** @type {L.LeafletMouseEvent} */ (event)));
    marker.on("dragend", () => this.draft.insertVertex(edge, toVertex(marker.getLatLng())));
    this.passToTool(marker);
    marker.addTo(this.group);
  }

  /**
   * @param {TracedShape} shape
   * @param {L.Marker} marker
   * @param {L.LeafletMouseEvent} event
   */
  snapMarker(shape, marker, event) {
    if (event.originalEvent?.altKey) return;
    const others = this.draft.shapes.filter(({ id }) => id !== shape.id);
    const snap = findSnap(this.map, marker.getLatLng(), others);
    if (snap) marker.setLatLng(toLatLng(snap.vertex));
  }
}
