// A picture on the map, turned and stretched by one affine transformation from its pixels to Web Mercator. Within a zoom
// level that is one CSS matrix, so that the picture lies exactly where the server computes.

const EARTH_HALF = Math.PI * 6378137; // metres from the middle of Web Mercator to its edge

/**
 * Return the place of a Web Mercator coordinate in pixels of the whole map at a zoom.
 *
 * @param {number} east
 * @param {number} north
 * @param {number} zoom
 */
function toWorldPixels(east, north, zoom) {
  const scale = (256 * 2 ** zoom) / (2 * EARTH_HALF);
  return L.point((east + EARTH_HALF) * scale, (EARTH_HALF - north) * scale);
}

/**
 * Return longitude and latitude of a pixel of a placed picture.
 *
 * @param {number[]} affine six numbers: east = a x + b y + c, north = d x + e y + f
 * @param {number} x
 * @param {number} y
 */
export function pixelToLatLng([a, b, c, d, e, f], x, y) {
  return L.Projection.SphericalMercator.unproject(L.point(a * x + b * y + c, d * x + e * y + f));
}

/**
 * Return the bounds of a placed picture.
 *
 * @param {PlacedPicture} picture with an affine transformation
 */
export function pictureBounds({ affine, width, height }) {
  const corners = [
    [0, 0],
    [width, 0],
    [0, height],
    [width, height],
  ];
  return L.latLngBounds(corners.map(([x, y]) => pixelToLatLng(affine ?? [], x, y)));
}

/** Image element under the lines of a map. */
export class PictureLayer {
  /**
   * @param {L.Map} map
   * @param {PlacedPicture} picture
   */
  constructor(map, picture) {
    this.map = map;
    this.picture = picture;
    this.image = document.createElement("img");
    this.image.src = picture.url;
    this.image.alt = "";
    this.image.className = "leaflet-zoom-hide";
    this.image.style.position = "absolute";
    this.image.style.transformOrigin = "0 0";
    this.image.style.maxWidth = "none";
    this.image.style.pointerEvents = "none";
    this.image.width = picture.width;
    this.image.height = picture.height;
    const pane = map.getPane("pictures") ?? map.createPane("pictures");
    pane.style.zIndex = "250"; // above tiles, below all lines
    pane.append(this.image);
    map.on("zoomend viewreset moveend", () => this.draw());
    this.draw();
  }

  /** @param {number[] | null} affine */
  place(affine) {
    this.picture = { ...this.picture, affine };
    this.draw();
  }

  /** @param {number} opacity from 0 to 1 */
  setOpacity(opacity) {
    this.image.style.opacity = String(opacity);
  }

  draw() {
    const { affine } = this.picture;
    this.image.hidden = !affine;
    if (!affine) return;
    const [a, b, c, d, e, f] = affine;
    const zoom = this.map.getZoom();
    const scale = (256 * 2 ** zoom) / (2 * EARTH_HALF);
    const origin = toWorldPixels(c, f, zoom).subtract(this.map.getPixelOrigin());
    const matrix = [a * scale, -d * scale, b * scale, -e * scale, origin.x, origin.y];
    this.image.style.transform = `matrix(${matrix.join(",")})`;
  }
}
