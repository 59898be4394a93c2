// The shapes of a draft, with undo and redo. Shapes that share a vertex have equal coordinates there: moving it moves it
// in all of them, so that a common border stays one.

const DECIMALS = 7; // of a degree: a centimetre
const EDGE_TOLERANCE = 3e-6; // degrees, 0.3 m: a vertex this near to an edge belongs on it
const MAX_STEPS = 200;
const LINE_KINDS = new Set(["street", "barrier"]);

/** @param {number} value */
const round = (value) => Number(value.toFixed(DECIMALS));

/**
 * @param {L.LatLng} point
 * @returns {Vertex}
 */
export const toVertex = ({ lng, lat }) => [round(lng), round(lat)];

/** @param {Vertex} vertex */
export const toLatLng = ([lng, lat]) => L.latLng(lat, lng);

/**
 * @param {Vertex} one
 * @param {Vertex} other
 */
export const isSame = (one, other) => one[0] === other[0] && one[1] === other[1];

/** @param {TracedShape} shape */
export const isArea = (shape) => shape.form === "Polygon";

/** @param {string} kind */
export const isLineKind = (kind) => LINE_KINDS.has(kind);

/**
 * Return the edges of a shape, as pairs of vertices.
 *
 * @param {TracedShape} shape
 * @returns {[Vertex, Vertex][]}
 */
export function listEdges(shape) {
  const { vertices } = shape;
  const next = isArea(shape) ? [...vertices.slice(1), vertices[0]] : vertices.slice(1);
  return next.map((vertex, index) => [vertices[index], vertex]);
}

/**
 * Return the share of an edge at which it is nearest to a point, and the squared distance there.
 *
 * @param {Vertex} point
 * @param {[Vertex, Vertex]} edge
 */
function nearestOnEdge(point, [from, to]) {
  const shrink = Math.cos((point[1] * Math.PI) / 180) ** 2; // a degree of longitude is shorter than one of latitude
  const [dx, dy] = [to[0] - from[0], to[1] - from[1]];
  const square = dx * dx * shrink + dy * dy;
  const along = square ? ((point[0] - from[0]) * dx * shrink + (point[1] - from[1]) * dy) / square : 0;
  const share = Math.min(Math.max(along, 0), 1);
  const [x, y] = [from[0] + share * dx - point[0], from[1] + share * dy - point[1]];
  return { share, square: x * x * shrink + y * y };
}

/**
 * Return the vertices of a shape with those of others that lie on its edges.
 *
 * @param {TracedShape} shape
 * @param {Vertex[]} others
 * @returns {Vertex[]}
 */
export function weaveVertices(shape, others) {
  const own = new Set(shape.vertices.map(String));
  const foreign = others.filter((vertex) => !own.has(String(vertex)));
  const woven = listEdges(shape).flatMap((edge) => {
    const onEdge = foreign
      .map((vertex) => ({ vertex, ...nearestOnEdge(vertex, edge) }))
      .filter(({ share, square }) => share > 0 && share < 1 && square < EDGE_TOLERANCE ** 2)
      .sort((a, b) => a.share - b.share);
    return [edge[0], ...onEdge.map(({ vertex }) => vertex)];
  });
  return isArea(shape) ? woven : [...woven, shape.vertices[shape.vertices.length - 1]];
}

/**
 * Return the way along the ring of a shape between two of its vertices, the shorter one, without both ends.
 *
 * @param {TracedShape} shape
 * @param {Vertex} from
 * @param {Vertex} to
 * @returns {Vertex[]}
 */
export function pathAlong(shape, from, to) {
  const { vertices } = shape;
  const [start, end] = [from, to].map((vertex) => vertices.findIndex((each) => isSame(each, vertex)));
  if (start < 0 || end < 0 || start === end) return [];
  const between = vertices.slice(Math.min(start, end) + 1, Math.max(start, end));
  const around = [...vertices.slice(Math.max(start, end) + 1), ...vertices.slice(0, Math.min(start, end))];
  const forward = start < end ? between : [...between].reverse();
  const backward = start < end ? [...around].reverse() : around;
  if (!isArea(shape)) return forward;
  return pathLength([from, ...forward, to]) <= pathLength([from, ...backward, to]) ? forward : backward;
}

/** @param {Vertex[]} path */
function pathLength(path) {
  return path.slice(1).reduce((sum, [x, y], i) => sum + Math.hypot(x - path[i][0], y - path[i][1]), 0);
}

/** Shapes of a draft; every change is one step of undo. */
export class Draft {
  /**
   * @param {TracedShape[]} shapes
   * @param {() => void} onChange
   */
  constructor(shapes, onChange) {
    this.shapes = shapes;
    this.onChange = onChange;
    /** @type {string[]} */
    this.past = [];
    /** @type {string[]} */
    this.future = [];
  }

  /** @param {string} id */
  find(id) {
    return this.shapes.find((shape) => shape.id === id);
  }

  /**
   * Change the shapes as one step.
   *
   * @param {(shapes: TracedShape[]) => TracedShape[]} makeNext
   */
  change(makeNext) {
    this.past = [...this.past, JSON.stringify(this.shapes)].slice(-MAX_STEPS);
    this.future = [];
    this.shapes = makeNext(this.shapes);
    this.onChange();
  }

  /** @param {TracedShape} shape */
  add(shape) {
    this.change((shapes) => this.weave([...shapes, shape], shape));
  }

  /** @param {string} id */
  remove(id) {
    this.change((shapes) => shapes.filter((shape) => shape.id !== id));
  }

  /**
   * @param {string} id
   * @param {Partial<TracedShape>} values
   */
  update(id, values) {
    this.change((shapes) => shapes.map((shape) => (shape.id === id ? { ...shape, ...values } : shape)));
  }

  /**
   * Move a vertex in all shapes that have it.
   *
   * @param {Vertex} from
   * @param {Vertex} to
   * @param {string} id of the shape that is edited
   */
  moveVertex(from, to, id) {
    this.change((shapes) => {
      const moved = shapes.map((shape) => ({
        ...shape,
        vertices: shape.vertices.map((vertex) => (isSame(vertex, from) ? to : vertex)),
      }));
      const edited = moved.find((shape) => shape.id === id);
      return edited ? this.weave(moved, edited) : moved;
    });
  }

  /**
   * Insert a vertex into an edge, in all shapes that have the edge.
   *
   * @param {[Vertex, Vertex]} edge
   * @param {Vertex} vertex
   */
  insertVertex([from, to], vertex) {
    this.change((shapes) =>
      shapes.map((shape) => {
        const edges = listEdges(shape);
        const at = edges.findIndex(
          ([a, b]) => (isSame(a, from) && isSame(b, to)) || (isSame(a, to) && isSame(b, from)),
        );
        if (at < 0) return shape;
        return { ...shape, vertices: shape.vertices.toSpliced(at + 1, 0, vertex) };
      }),
    );
  }

  /**
   * Remove a vertex from a shape that keeps enough others.
   *
   * @param {string} id
   * @param {Vertex} vertex
   */
  removeVertex(id, vertex) {
    const shape = this.find(id);
    if (!shape || shape.vertices.length <= (isArea(shape) ? 3 : 2)) return;
    this.update(id, { vertices: shape.vertices.filter((each) => !isSame(each, vertex)) });
  }

  undo() {
    this.step(this.past, this.future);
  }

  redo() {
    this.step(this.future, this.past);
  }

  /**
   * @param {string[]} from
   * @param {string[]} to
   */
  step(from, to) {
    const before = from.pop();
    if (before === undefined) return;
    to.push(JSON.stringify(this.shapes));
    this.shapes = JSON.parse(before);
    this.onChange();
  }

  /**
   * Give a shape and its neighbours the vertices of each other that lie on their edges.
   *
   * @param {TracedShape[]} shapes
   * @param {TracedShape} changed
   */
  weave(shapes, changed) {
    const others = shapes.filter((shape) => shape.id !== changed.id);
    const woven = {
      ...changed,
      vertices: weaveVertices(
        changed,
        others.flatMap(({ vertices }) => vertices),
      ),
    };
    return shapes.map((shape) =>
      shape.id === changed.id ? woven : { ...shape, vertices: weaveVertices(shape, woven.vertices) },
    );
  }
}
