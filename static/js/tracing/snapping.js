// Snapping of the pointer to vertices and edges of shapes: a vertex wins over an edge.
import { listEdges, toLatLng, toVertex } from "./draft.js";

const SNAP_PX = 12;

/**
 * Return the vertex or the place on an edge near a point, or null.
 *
 * @param {L.Map} map
 * @param {L.LatLng} point
 * @param {TracedShape[]} shapes
 * @returns {Snap | null}
 */
export function findSnap(map, point, shapes) {
  const at = map.latLngToLayerPoint(point);
  const bounds = map.getBounds().pad(0.2);
  let nearest = /** @type {Snap | null} */ (null);
  let distance = SNAP_PX;
  const consider = (/** @type {L.Point} */ candidate, /** @type {() => Snap} */ makeSnap) => {
    const away = candidate.distanceTo(at);
    if (away > distance) return;
    distance = away;
    nearest = makeSnap();
  };
  for (const shape of shapes) {
    for (const vertex of shape.vertices) {
      if (bounds.contains(toLatLng(vertex))) {
        consider(map.latLngToLayerPoint(toLatLng(vertex)), () => ({ vertex, shape, isVertex: true }));
      }
    }
  }
  if (nearest) return nearest;
  for (const shape of shapes) {
    for (const [from, to] of listEdges(shape)) {
      const [a, b] = [from, to].map((vertex) => map.latLngToLayerPoint(toLatLng(vertex)));
      const candidate = L.LineUtil.closestPointOnSegment(at, a, b);
      const makeVertex = () => toVertex(map.layerPointToLatLng(candidate));
      consider(candidate, () => ({ vertex: makeVertex(), shape, isVertex: false }));
    }
  }
  return nearest;
}
