// Drawing of one shape by clicks: a vertex for each, snapped to its neighbours; Enter or a double click finishes.
import { isSame, pathAlong, toLatLng, toVertex } from "./draft.js";
import { findSnap } from "./snapping.js";

const MIN_VERTICES = { Polygon: 3, LineString: 2 };

export class DrawingTool {
  /**
   * @param {L.Map} map
   * @param {() => TracedShape[]} listShapes to snap to
   */
  constructor(map, listShapes) {
    this.map = map;
    this.listShapes = listShapes;
    /** @type {{form: "Polygon" | "LineString", onFinish: (vertices: Vertex[]) => void} | null} */
    this.task = null;
    /** @type {Vertex[]} */
    this.vertices = [];
    /** @type {Snap | null} */
    this.lastSnap = null;
    const renderer = L.svg({ pane: "markerPane" });
    this.line = L.polyline([], { className: "draft-line", renderer, interactive: false });
    this.mark = L.circleMarker([0, 0], { className: "snap-mark", radius: 6, renderer, interactive: false });
    map.on("click", (event) => this.addVertex(event));
    map.on("mousemove", (event) => this.showPointer(event));
    map.on("dblclick", () => this.finish());
  }

  get isActive() {
    return this.task !== null;
  }

  /**
   * @param {"Polygon" | "LineString"} form
   * @param {(vertices: Vertex[]) => void} onFinish
   */
  start(form, onFinish) {
    this.stop();
    this.task = { form, onFinish };
    this.map.doubleClickZoom.disable();
    this.map.getContainer().classList.add("is-drawing");
    this.line.addTo(this.map);
  }

  stop() {
    this.task = null;
    this.vertices = [];
    this.lastSnap = null;
    this.map.doubleClickZoom.enable();
    this.map.getContainer().classList.remove("is-drawing");
    this.line.setLatLngs([]).remove();
    this.mark.remove();
  }

  /** Give up what is being drawn, and be ready for the next shape. */
  restart() {
    this.vertices = [];
    this.lastSnap = null;
    this.line.setLatLngs([]);
  }

  removeLast() {
    this.vertices = this.vertices.slice(0, -1);
    this.line.setLatLngs(this.vertices.map(toLatLng));
  }

  finish() {
    if (!this.task) return;
    const vertices = this.vertices.filter((vertex, i) => i === 0 || !isSame(vertex, this.vertices[i - 1]));
    if (this.task.form === "Polygon" && vertices.length > 1 && isSame(vertices[0], vertices[vertices.length - 1])) {
      vertices.pop();
    }
    if (vertices.length < MIN_VERTICES[this.task.form]) return;
    const { onFinish } = this.task;
    this.restart();
    onFinish(vertices);
  }

  /** @param {L.LeafletMouseEvent} event */
  addVertex({ latlng, originalEvent }) {
    if (!this.task || originalEvent.detail > 1) return;
    const snap = this.snapTo(latlng, originalEvent);
    const vertex = snap ? snap.vertex : toVertex(latlng);
    if (this.task.form === "Polygon" && this.vertices.length > 2 && this.isFirst(latlng)) {
      this.finish();
      return;
    }
    if (originalEvent.shiftKey && snap && this.lastSnap?.shape === snap.shape) {
      this.vertices.push(...pathAlong(snap.shape, this.lastSnap.vertex, vertex));
    }
    this.vertices.push(vertex);
    this.lastSnap = snap;
    this.line.setLatLngs(this.vertices.map(toLatLng));
  }

  /** @param {L.LatLng} point */
  isFirst(point) {
    const [first, at] = [toLatLng(this.vertices[0]), point].map((each) => this.map.latLngToLayerPoint(each));
    return first.distanceTo(at) < 10;
  }

  /**
   * @param {L.LatLng} point
   * @param {MouseEvent} event
   */
  snapTo(point, event) {
    return event.altKey ? null : findSnap(this.map, point, this.listShapes());
  }

  /** @param {L.LeafletMouseEvent} event */
  showPointer({ latlng, originalEvent }) {
    if (!this.task) return;
    const snap = this.snapTo(latlng, originalEvent);
    if (snap) this.mark.setLatLng(toLatLng(snap.vertex)).addTo(this.map);
    else this.mark.remove();
    this.line.setLatLngs([...this.vertices.map(toLatLng), snap ? toLatLng(snap.vertex) : latlng]);
  }
}
