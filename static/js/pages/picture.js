// Placing a picture: control points are clicked on the picture, and typed or clicked on the map; the fit is shown at once.
import { createElement, listElements, requireElement } from "../lib/dom.js";
import { formatText } from "../lib/texts.js";
import { postJson } from "../tracing/autosave.js";
import { isArea, toLatLng } from "../tracing/draft.js";
import { PictureLayer, pictureBounds } from "../tracing/picture_layer.js";

const DELAY_MS = 400;
const MIN_POINTS = { similarity: 2, affine: 3 };
const CHINA = L.latLngBounds([
  [18, 73],
  [54, 135],
]);

/**
 * Return longitude and latitude of a text such as "114.30512, 30.54123", or null.
 *
 * @param {string} text
 * @returns {[number, number] | null}
 */
function parseLonLat(text) {
  const numbers = text.match(/-?\d+(?:\.\d+)?/g)?.map(Number) ?? [];
  if (numbers.length !== 2) return null;
  const [first, second] = numbers;
  const isSwapped = Math.abs(first) <= 60 && Math.abs(second) > 60; // maps of China: latitudes are below 60
  return isSwapped ? [second, first] : [first, second];
}

/**
 * @param {number} lon
 * @param {number} lat
 */
const formatLonLat = (lon, lat) => `${lon.toFixed(6)}, ${lat.toFixed(6)}`;

class PlacingPage {
  /** @param {PlacingData} data */
  constructor(data) {
    this.data = data;
    this.texts = data.texts;
    /** @type {PlacingPoint[]} */
    this.points = this.readUnsaved() ?? data.points.map(([x, y, lon, lat]) => ({ x, y, text: formatLonLat(lon, lat) }));
    this.form = requireElement("#placement", HTMLFormElement);
    this.body = requireElement("#control-points tbody", HTMLElement);
    this.active = -1;
    /** @type {[number, number][]} */
    this.measured = [];
    /** @type {{residuals: number[], suspicious: number | null} | null} */
    this.fit = null;
    this.pictureMap = this.makePictureMap();
    this.map = this.makeMap();
    this.markers = L.layerGroup().addTo(this.pictureMap);
    this.mapMarkers = L.layerGroup().addTo(this.map);
    this.startForm();
    this.draw();
    this.preview();
  }

  // The picture, in its own pixels: y counts upwards in Leaflet, downwards in the picture

  makePictureMap() {
    const { width, height, url } = this.data.picture;
    const options = { crs: L.CRS.Simple, minZoom: -6, maxZoom: 4, zoomSnap: 0.25, attributionControl: false };
    const map = L.map("picture-view", options);
    const bounds = L.latLngBounds([-height, 0], [0, width]);
    L.imageOverlay(url, bounds).addTo(map);
    map.fitBounds(bounds, { animate: false });
    map.on("click", ({ latlng }) => this.clickPicture(latlng.lng, -latlng.lat));
    return map;
  }

  makeMap() {
    const map = L.map("map-view", { zoomSnap: 0.5, attributionControl: false });
    const { picture, others, shapes } = this.data;
    map.fitBounds(CHINA, { animate: false });
    for (const other of others) new PictureLayer(map, other);
    this.overlay = new PictureLayer(map, picture);
    this.overlay.setOpacity(0.6);
    const renderer = L.svg();
    for (const shape of shapes) {
      const options = { className: `traced-${shape.kind}`, renderer, interactive: false };
      const vertices = shape.vertices.map(toLatLng);
      (isArea(shape) ? L.polygon(vertices, options) : L.polyline(vertices, options)).addTo(map);
    }
    map.on("click", ({ latlng }) => this.clickMap(latlng));
    const slider = requireElement("#opacity", HTMLInputElement);
    slider.addEventListener("input", () => this.overlay?.setOpacity(Number(slider.value) / 100));
    const bounds = L.latLngBounds(shapes.flatMap(({ vertices }) => vertices.map(toLatLng)));
    for (const each of [picture, ...others]) if (each.affine) bounds.extend(pictureBounds(each));
    if (bounds.isValid()) map.fitBounds(bounds, { animate: false });
    return map;
  }

  /**
   * @param {number} x
   * @param {number} y
   */
  clickPicture(x, y) {
    const { width, height } = this.data.picture;
    if (x < 0 || y < 0 || x > width || y > height) return;
    if (this.isMeasuring) return this.measure(x, y);
    this.points.push({ x: Number(x.toFixed(1)), y: Number(y.toFixed(1)), text: "" });
    this.active = this.points.length - 1;
    this.draw();
    this.inputOf(this.active)?.focus({ preventScroll: true });
  }

  /** @param {L.LatLng} place */
  clickMap({ lng, lat }) {
    const point = this.points[this.active];
    if (!point) return;
    requireElement("#datum", HTMLSelectElement, this.form).value = "wgs84";
    point.text = formatLonLat(lng, lat);
    this.draw();
    this.preview();
  }

  // Points that are not saved yet outlive a reload and a new sign-in in the same tab

  get storageKey() {
    return `gridmap-points-${this.data.picture.url}`;
  }

  /** @returns {PlacingPoint[] | null} points that were set on the stored ones and not saved */
  readUnsaved() {
    const { base, points } = JSON.parse(sessionStorage.getItem(this.storageKey) ?? "{}");
    return base === JSON.stringify(this.data.points) ? points : null;
  }

  storeUnsaved() {
    const base = JSON.stringify(this.data.points);
    sessionStorage.setItem(this.storageKey, JSON.stringify({ base, points: this.points }));
  }

  // Table

  /** @param {number} index */
  inputOf(index) {
    return listElements("input", HTMLInputElement, this.body)[index];
  }

  draw() {
    this.storeUnsaved();
    requireElement("#no-points", HTMLElement).hidden = this.points.length > 0;
    this.body.replaceChildren(...this.points.map((point, index) => this.makeRow(point, index)));
    this.markers.clearLayers();
    for (const [index, { x, y }] of this.points.entries()) this.addMarker(L.latLng(-y, x), index, this.markers);
    this.showFit();
  }

  /**
   * @param {PlacingPoint} point
   * @param {number} index
   */
  makeRow(point, index) {
    const row = createElement("tr");
    row.append(createElement("th", "", String(index + 1)), this.makeInputCell(point, index));
    row.append(this.makeRemoveCell(index));
    return row;
  }

  /**
   * @param {PlacingPoint} point
   * @param {number} index
   */
  makeInputCell(point, index) {
    const input = document.createElement("input");
    input.value = point.text;
    input.placeholder = "114.30512, 30.54123";
    input.setAttribute("aria-label", formatText(this.texts.coordinates, { number: index + 1 }));
    input.addEventListener("focus", () => {
      this.active = index;
    });
    input.addEventListener("input", () => {
      point.text = input.value;
      this.storeUnsaved();
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.preview(), DELAY_MS);
    });
    const cell = createElement("td");
    cell.append(input, createElement("small", "residual"));
    return cell;
  }

  /** @param {number} index */
  makeRemoveCell(index) {
    const cell = createElement("td");
    const button = createElement("button", "plain", "×");
    button.setAttribute("type", "button");
    button.setAttribute("aria-label", formatText(this.texts.remove, { number: index + 1 }));
    button.addEventListener("click", () => {
      this.points.splice(index, 1);
      [this.active, this.fit] = [-1, null];
      this.draw();
      this.preview();
    });
    cell.append(button);
    return cell;
  }

  /**
   * @param {L.LatLng} at
   * @param {number} index
   * @param {L.LayerGroup} group
   */
  addMarker(at, index, group) {
    const className = `point-marker${this.fit?.suspicious === index ? " suspicious" : ""}`;
    const icon = L.divIcon({ className, html: String(index + 1), iconSize: [22, 22] });
    L.marker(at, { icon, interactive: false, keyboard: false }).addTo(group);
  }

  // Fit

  method() {
    return new FormData(this.form).get("method") === "affine" ? "affine" : "similarity";
  }

  listKnown() {
    return this.points.flatMap(({ x, y, text }, index) => {
      const place = parseLonLat(text);
      return place ? [{ index, values: [x, y, ...place] }] : [];
    });
  }

  async preview() {
    const known = this.listKnown();
    requireElement("[name=points]", HTMLInputElement, this.form).value = JSON.stringify(
      known.map(({ values }) => values),
    );
    this.mapMarkers.clearLayers();
    const missing = MIN_POINTS[this.method()] - known.length;
    if (missing > 0) {
      this.fit = null;
      return this.showFit(this.points.length ? formatText(this.texts.needMore, { count: missing }) : "");
    }
    const datum = requireElement("#datum", HTMLSelectElement, this.form).value;
    const request = { method: this.method(), datum, points: known.map(({ values }) => values) };
    const response = await postJson(this.data.previewUrl, request).catch(() => null);
    const answer = response ? await response.json() : { problems: [this.texts.offline] };
    if (!response?.ok) {
      this.fit = null;
      return this.showFit("", answer.problems.join(" "));
    }
    this.useFit(known, answer);
  }

  /**
   * @param {{index: number}[]} known
   * @param {{affine: number[], residuals: number[], suspicious: number | null, places: Vertex[], error: number,
   *   pixel: number}} answer
   */
  useFit(known, answer) {
    const residuals = this.points.map(() => Number.NaN);
    known.forEach(({ index }, position) => {
      residuals[index] = answer.residuals[position];
    });
    const suspicious = answer.suspicious === null ? null : known[answer.suspicious].index;
    this.fit = { residuals, suspicious };
    const isFirst = !this.data.picture.affine;
    this.data.picture.affine = answer.affine;
    this.overlay?.place(answer.affine);
    if (isFirst) this.map.fitBounds(pictureBounds(this.data.picture), { animate: false });
    answer.places.forEach((place, position) => {
      this.addMarker(toLatLng(place), known[position].index, this.mapMarkers);
    });
    this.showFit(formatText(this.texts.fit, { error: answer.error, pixel: answer.pixel }));
  }

  /**
   * @param {string} [text]
   * @param {string} [problem]
   */
  showFit(text, problem) {
    const [line, alert] = ["#fit", "#fit-problem"].map((id) => requireElement(id, HTMLElement));
    if (text !== undefined) line.textContent = text;
    line.hidden = !line.textContent;
    if (problem !== undefined || text) alert.textContent = problem ?? "";
    alert.hidden = !alert.textContent;
    listElements("tr", HTMLElement, this.body).forEach((row, index) => {
      const residual = this.fit?.residuals[index];
      const cell = requireElement(".residual", HTMLElement, row);
      const isKnown = residual !== undefined && !Number.isNaN(residual);
      const isSuspicious = this.fit?.suspicious === index;
      const parts = isKnown ? [formatText(this.texts.metres, { metres: residual.toFixed(1) })] : [];
      cell.textContent = [...parts, ...(isSuspicious ? [this.texts.suspicious] : [])].join(" · ");
      row.classList.toggle("suspicious", isSuspicious);
    });
  }

  startForm() {
    this.form.addEventListener("change", (event) => {
      if (event.target instanceof Element && event.target.matches("[name=method], #datum")) this.preview();
    });
    const button = requireElement("#measure", HTMLButtonElement);
    button.addEventListener("click", () => {
      this.measured = [];
      this.setMeasuring(!this.isMeasuring);
    });
  }

  // Scale without a map

  /** @param {boolean} isMeasuring */
  setMeasuring(isMeasuring) {
    this.isMeasuring = isMeasuring;
    requireElement("#measure", HTMLElement).setAttribute("aria-pressed", String(isMeasuring));
  }

  /**
   * @param {number} x
   * @param {number} y
   */
  measure(x, y) {
    this.measured.push([x, y]);
    this.line?.remove();
    this.line = L.polyline(
      this.measured.map(([a, b]) => L.latLng(-b, a)),
      { color: "#b3123c", weight: 3 },
    ).addTo(this.pictureMap);
    if (this.measured.length < 2) return;
    const [[a, b], [c, d]] = this.measured;
    requireElement("[name=places]", HTMLInputElement).value = JSON.stringify(this.measured);
    const pixels = Math.round(Math.hypot(a - c, b - d));
    requireElement("#measured", HTMLElement).textContent = formatText(this.texts.measured, { pixels });
    this.setMeasuring(false);
  }
}

new PlacingPage(JSON.parse(requireElement("#page-data", HTMLScriptElement).textContent ?? "{}"));
