// Geometry: decoding, boxes, a spatial index, and what lies under a point. Coordinates are Web Mercator with the whole
// world 256 wide, so that a pixel at zoom z is a coordinate times 2^z.
"use strict";

gridmap.shapes = (function () {
  const WORLD = 256;
  const POINT = 0, AREA = 2; // a line is 1

  function project(longitude, latitude) {
    const sine = Math.sin((latitude * Math.PI) / 180);
    return [WORLD * (longitude / 360 + 0.5), WORLD * (0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI))];
  }

  // Parts come as differences in millionths of a degree from the origin of the page.
  function decodePart(steps, origin) {
    const part = new Float64Array(steps.length);
    let east = origin[0], north = origin[1];
    for (let i = 0; i < steps.length; i += 2) {
      east += steps[i];
      north += steps[i + 1];
      [part[i], part[i + 1]] = project(east / 1e6, north / 1e6);
    }
    return part;
  }

  // Nothing has a box that is apart from every other.
  function nowhere() {
    return [Infinity, Infinity, -Infinity, -Infinity];
  }

  function around(boxes) {
    const outer = (edge, other, side) => (side < 2 ? Math.min(edge, other) : Math.max(edge, other));
    return boxes.reduce((all, box) => all.map((edge, side) => outer(edge, box[side], side)), nowhere());
  }

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

  function decode([kind, ...encoded], origin) {
    const parts = encoded.map((steps) => decodePart(steps, origin));
    return { kind, parts, box: boxOf(parts) };
  }

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

  function toSegment(x, y, ax, ay, bx, by) {
    const length = (bx - ax) ** 2 + (by - ay) ** 2;
    const along = length ? Math.max(0, Math.min(1, ((x - ax) * (bx - ax) + (y - ay) * (by - ay)) / length)) : 0;
    return Math.hypot(x - ax - along * (bx - ax), y - ay - along * (by - ay));
  }

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

  function touches(shape, x, y, reach) {
    return shape.kind === AREA ? contains(shape, x, y) : distance(shape, x, y) <= reach;
  }

  function apart(a, b) {
    return a[0] > b[2] || b[0] > a[2] || a[1] > b[3] || b[1] > a[3];
  }

  // Shapes by the square bins their boxes lie in.
  class Index {
    constructor(shapes) {
      this.shapes = shapes;
      this.box = around(shapes.map((shape) => shape.box));
      this.step = Math.max(this.box[2] - this.box[0], this.box[3] - this.box[1]) / 64 || 1;
      this.bins = new Map();
      shapes.forEach((shape, position) => {
        for (const bin of this.binsOf(shape.box)) {
          if (!this.bins.has(bin)) this.bins.set(bin, []);
          this.bins.get(bin).push(position);
        }
      });
    }

    *binsOf(box) {
      if (apart(box, this.box)) return;
      const first = (side) => Math.floor(Math.max(box[side], this.box[side]) / this.step);
      const last = (side) => Math.floor(Math.min(box[side], this.box[side]) / this.step);
      for (let row = first(1); row <= last(3); row++) {
        for (let column = first(0); column <= last(2); column++) yield `${column} ${row}`;
      }
    }

    within(box) {
      const found = new Set();
      for (const bin of this.binsOf(box)) {
        for (const position of this.bins.get(bin) || []) {
          if (!apart(this.shapes[position].box, box)) found.add(position);
        }
      }
      return [...found].sort((a, b) => a - b);
    }

    // Position of the last shape at a point, or -1; lines and points are met within `reach`.
    at(x, y, reach = 0) {
      const near = this.within([x - reach, y - reach, x + reach, y + reach]);
      return near.reverse().find((position) => touches(this.shapes[position], x, y, reach)) ?? -1;
    }
  }

  return { POINT, AREA, project, decode, around, Index };
})();
