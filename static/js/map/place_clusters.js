// Places that would lie on one another on the screen become one symbol with their number.

/**
 * Group points that are closer than a distance to the first point of a group. The first points come first, so points in
 * the order of their importance make the important ones visible.
 *
 * @template {{x: number, y: number}} PointT
 * @param {PointT[]} points in pixels
 * @param {number} distance in pixels
 * @returns {PointT[][]} groups, each with the point that stands for it first
 */
export function clusterPoints(points, distance) {
  /** @type {Map<string, PointT[][]>} */
  const squares = new Map();
  /** @type {PointT[][]} */
  const clusters = [];
  const squareOf = (/** @type {number} */ value) => Math.floor(value / distance);
  for (const point of points) {
    const [column, row] = [squareOf(point.x), squareOf(point.y)];
    const near = neighbours(squares, column, row);
    const cluster = near.find(([first]) => Math.hypot(first.x - point.x, first.y - point.y) < distance);
    if (cluster) {
      cluster.push(point);
      continue;
    }
    const created = [point];
    clusters.push(created);
    const key = `${column} ${row}`;
    squares.set(key, [...(squares.get(key) ?? []), created]);
  }
  return clusters;
}

/**
 * @template T
 * @param {Map<string, T[]>} squares
 * @param {number} column
 * @param {number} row
 */
function neighbours(squares, column, row) {
  const steps = [-1, 0, 1];
  return steps.flatMap((dx) => steps.flatMap((dy) => squares.get(`${column + dx} ${row + dy}`) ?? []));
}
