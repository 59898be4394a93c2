// Geometry: decoding, boxes, a spatial index, and what lies under a point. Coordinates are Web Mercator with the whole
// world 256 wide, so that a pixel at zoom z is a coordinate times 2^z.
"use strict";

gridmap.shapes = (() => {
  const WORLD = 256;
  const POINT = 0;
  const AREA = 2; // a line is 1

  /**
   * @param {number} longitude
   * @param {number} latitude
   * @returns {MapPosition}
   */
  function project(longitude, latitude) {
    const sine = Math.sin((latitude * Math.PI) / 180);
    return [WORLD * (longitude / 360 + 0.5), WORLD * (0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI))];
  }

  /**
   * Decode a part, which comes as differences in millionths of a degree from the origin of the page.
   *
   * @param {CoordinateSteps} steps
   * @param {MapPosition} origin
   */
  function decodePart(steps, origin) {
    const part = new Float64Array(steps.length);
    let east = origin[0];
    let north = origin[1];
    for (let i = 0; i < steps.length; i += 2) {
      east += steps[i];
      north += steps[i + 1];
      [part[i], part[i + 1]] = project(east / 1e6, north / 1e6);
    }
    return part;
  }

  /**
   * Return the box of nothing, which is apart from every other.
   *
   * @returns {Box}
   */
  function nowhere() {
    return [Infinity, Infinity, -Infinity, -Infinity];
  }

  /**
   * @param {Box} all
   * @param {Box} box
   * @returns {Box}
   */
  function union(all, box) {
    return [Math.min(all[0], box[0]), Math.min(all[1], box[1]), Math.max(all[2], box[2]), Math.max(all[3], box[3])];
  }

  /** @param {Box[]} boxes */
  function around(boxes) {
    return boxes.reduce(union, nowhere());
  }

  /** @param {Part[]} parts */
  function boxOf(parts) {
    const box = nowhere();
    for (const part of parts) {
      for (let i = 0; i < part.length; i += 2) {
        box[0] = Math.min(box[0], part[i]);
        box[1] = Math.min(box[1], part[i + 1]);
        box[2] = Math.max(box[2], part[i]);
        box[3] = Math.max(box[3], part[i + 1]);
      }
    }
    return box;
  }

  /**
   * @param {EncodedShape} encoded
   * @param {MapPosition} origin
   * @returns {Shape}
   */
  function decode([kind, ...encoded], origin) {
    const parts = encoded.map((steps) => decodePart(steps, origin));
    return { kind, parts, box: boxOf(parts) };
  }

  /**
   * @param {Shape} shape
   * @param {number} x
   * @param {number} y
   */
  function contains(shape, x, y) {
    let inside = false;
    for (const part of shape.parts) {
      for (let i = 0, j = part.length - 2; i < part.length; j = i, i += 2) {
        const crosses = part[i + 1] > y !== part[j + 1] > y;
        if (crosses && x < ((part[j] - part[i]) * (y - part[i + 1])) / (part[j + 1] - part[i + 1]) + part[i]) {
          inside = !inside;
        }
      }
    }
    return inside;
  }

  /**
   * @param {number} x
   * @param {number} y
   * @param {number} ax
   * @param {number} ay
   * @param {number} bx
   * @param {number} by
   */
  function toSegment(x, y, ax, ay, bx, by) {
    const length = (bx - ax) ** 2 + (by - ay) ** 2;
    const along = length ? Math.max(0, Math.min(1, ((x - ax) * (bx - ax) + (y - ay) * (by - ay)) / length)) : 0;
    return Math.hypot(x - ax - along * (bx - ax), y - ay - along * (by - ay));
  }

  /**
   * @param {Shape} shape
   * @param {number} x
   * @param {number} y
   */
  function distance(shape, x, y) {
    let least = Infinity;
    for (const part of shape.parts) {
      for (let i = 0; i < Math.max(part.length - 2, 2); i += 2) {
        const next = i + 2 < part.length ? i + 2 : i;
        least = Math.min(least, toSegment(x, y, part[i], part[i + 1], part[next], part[next + 1]));
      }
    }
    return least;
  }

  /**
   * @param {Shape} shape
   * @param {number} x
   * @param {number} y
   * @param {number} reach
   */
  function touches(shape, x, y, reach) {
    return shape.kind === AREA ? contains(shape, x, y) : distance(shape, x, y) <= reach;
  }

  /**
   * @param {Box} a
   * @param {Box} b
   */
  function apart(a, b) {
    return a[0] > b[2] || b[0] > a[2] || a[1] > b[3] || b[1] > a[3];
  }

  // Shapes by the square bins their boxes lie in.
  class Index {
    /** @param {Shape[]} shapes */
    constructor(shapes) {
      this.shapes = shapes;
      this.box = around(shapes.map((shape) => shape.box));
      this.step = Math.max(this.box[2] - this.box[0], this.box[3] - this.box[1]) / 64 || 1;
      /** @type {Map<string, number[]>} */
      this.bins = new Map();
      shapes.forEach((shape, position) => {
        for (const bin of this.binsOf(shape.box)) {
          const members = this.bins.get(bin);
          if (members) members.push(position);
          else this.bins.set(bin, [position]);
        }
      });
    }

    /** @param {Box} box */
    *binsOf(box) {
      if (apart(box, this.box)) return;
      const first = (/** @type {0 | 1} */ side) => Math.floor(Math.max(box[side], this.box[side]) / this.step);
      const last = (/** @type {2 | 3} */ side) => Math.floor(Math.min(box[side], this.box[side]) / this.step);
      for (let row = first(1); row <= last(3); row++) {
        for (let column = first(0); column <= last(2); column++) yield `${column} ${row}`;
      }
    }

    /** @param {Box} box */
    within(box) {
      /** @type {Set<number>} */
      const found = new Set();
      for (const bin of this.binsOf(box)) {
        for (const position of this.bins.get(bin) || []) {
          if (!apart(this.shapes[position].box, box)) found.add(position);
        }
      }
      return [...found].sort((a, b) => a - b);
    }

    /**
     * Return the position of the last shape at a point, or -1; lines and points are met within `reach`.
     *
     * @param {number} x
     * @param {number} y
     * @param {number} reach
     */
    at(x, y, reach = 0) {
      const near = this.within([x - reach, y - reach, x + reach, y + reach]);
      return near.reverse().find((position) => touches(this.shapes[position], x, y, reach)) ?? -1;
    }
  }

  return { POINT, AREA, project, decode, around, Index };
})();
