// Tracing on pictures: draws, edits and checks the shapes of a draft, and saves it as it is drawn.
import { createElement, createIcon, listElements, requireElement } from "../lib/dom.js";
import { formatText } from "../lib/texts.js";
import { showReady, startZoomButtons } from "../map/controls.js";
import { Autosave, postJson } from "../tracing/autosave.js";
import { Draft, isLineKind, toLatLng, toVertex } from "../tracing/draft.js";
import { DrawingTool } from "../tracing/drawing_tool.js";
import { NextNames } from "../tracing/next_names.js";
import { PictureLayer, pictureBounds } from "../tracing/picture_layer.js";
import { SaveStatus } from "../tracing/save_status.js";
import { ShapeLayers } from "../tracing/shape_layers.js";
import { VertexHandles } from "../tracing/vertex_handles.js";

/** @param {string} id */
const byId = (id) => requireElement(`#${id}`, HTMLElement);

class TracingPage {
  /**
   * @param {L.Map} map
   * @param {TracingData} data
   */
  constructor(map, data) {
    this.map = map;
    this.data = data;
    this.texts = data.texts;
    /** @type {string | null} */
    this.selected = null;
    /** @type {string | null} */
    this.kind = null;
    /** Kind of the next street and barrier: the one chosen last. */
    this.types = { street: "local", barrier: "wall" };
    this.names = new NextNames(() => this.startDrawing());
    this.values = data.draft;
    this.draft = new Draft(data.draft.shapes ?? [], () => this.onChange());
    this.layers = new ShapeLayers(map, {
      onSelect: (id) => this.select(id),
      nameOf: (shape) => this.nameOf(shape),
    });
    this.tool = new DrawingTool(map, () => this.draft.shapes);
    this.handles = new VertexHandles(map, this.draft, this.tool);
    this.status = new SaveStatus(data.texts, {
      keepMine: () => this.autosave.replaceStored(),
      takeTheirs: () => this.takeTheirs(),
      signIn: () => this.signIn(),
    });
    this.autosave = new Autosave(
      {
        saveUrl: data.saveUrl,
        storageKey: `gridmap-draft-${data.subdistrict}`,
        version: data.draft.version,
        listShapes: () => this.draft.shapes,
      },
      { onSaved: (values) => this.showValues(values), onState: (state, text) => this.status.show(state, text) },
    );
    this.startPictures();
    this.startButtons();
    this.startKeys();
    this.startFields();
    this.restoreBackup();
    this.showValues(data.draft);
    this.redraw();
    this.zoomToAll();
  }

  /** @param {TracedShape} shape */
  nameOf(shape) {
    return shape.name || (shape.kind === "community" ? (this.data.communities[shape.code] ?? "") : shape.code);
  }

  // Map

  zoomToAll() {
    const bounds = L.latLngBounds(this.draft.shapes.flatMap(({ vertices }) => vertices.map(toLatLng)));
    for (const picture of this.data.pictures) if (!bounds.isValid()) bounds.extend(pictureBounds(picture));
    if (bounds.isValid()) this.map.fitBounds(bounds, { padding: [20, 20], animate: false });
  }

  redraw() {
    this.layers.draw(this.draft.shapes, this.selected);
    this.handles.show(this.selected && !this.data.readOnly ? this.draft.find(this.selected) : undefined);
    requireElement("#undo", HTMLButtonElement).disabled = !this.draft.past.length;
    requireElement("#redo", HTMLButtonElement).disabled = !this.draft.future.length;
  }

  startPictures() {
    const list = byId("picture-list");
    for (const picture of [...this.data.pictures].reverse()) {
      const layer = new PictureLayer(this.map, picture);
      const label = createElement("label", "field", picture.name);
      const input = document.createElement("input");
      input.type = "range";
      [input.min, input.max, input.value] = ["0", "100", "70"];
      input.setAttribute("aria-label", formatText(this.texts.opacity, { name: picture.name }));
      input.addEventListener("input", () => layer.setOpacity(Number(input.value) / 100));
      layer.setOpacity(0.7);
      label.append(input);
      list.append(label);
    }
  }

  // Drawing

  startButtons() {
    for (const button of listElements("#kinds [data-kind]", HTMLButtonElement)) {
      button.disabled = this.data.readOnly;
      button.addEventListener("click", () => this.chooseKind(button.dataset.kind ?? null));
    }
    const actions = {
      undo: () => this.draft.undo(),
      redo: () => this.draft.redo(),
      deselect: () => this.select(null),
      delete: () => this.removeSelected(),
      fix: () => this.fix(),
    };
    for (const [id, action] of Object.entries(actions)) byId(id).addEventListener("click", action);
    L.DomEvent.disableClickPropagation(requireElement(".draw-buttons", HTMLElement));
    this.map.on("click", () => this.tool.isActive || this.select(null));
  }

  /** @param {string | null} kind */
  chooseKind(kind) {
    const chosen = kind === this.kind ? null : kind;
    this.stopDrawing();
    this.kind = chosen;
    if (chosen) this.select(null);
    for (const button of listElements("#kinds [data-kind]", HTMLElement)) {
      button.setAttribute("aria-pressed", String(button.dataset.kind === chosen));
    }
    this.showBuildings();
    if (chosen === "move") this.showHint(this.texts.moving);
    else if (chosen === "community" || chosen === "outline") this.showNames();
    else if (chosen) this.startDrawing();
  }

  stopDrawing() {
    this.tool.stop();
    this.names.hide();
    this.showHint("");
  }

  startDrawing() {
    const kind = /** @type {string} */ (this.kind);
    const isLine = isLineKind(kind);
    this.tool.start(isLine ? "LineString" : "Polygon", (vertices) => this.addShape(kind, isLine, vertices));
    const name = this.data.communities[this.names.chosen ?? ""] ?? this.names.chosen;
    const text = isLine ? this.texts.drawLine : this.texts.drawArea;
    this.showHint(name ? formatText(this.texts.drawing, { name }) : text);
  }

  /**
   * @param {string} kind
   * @param {boolean} isLine
   * @param {Vertex[]} vertices
   */
  addShape(kind, isLine, vertices) {
    const id = crypto.randomUUID?.() ?? `s${Date.now()}-${Math.floor(Math.random() * 1e9)}`;
    const name = kind === "outline" ? (this.names.chosen ?? "") : "";
    const code = kind === "community" ? (this.names.chosen ?? "") : "";
    const type = kind === "street" || kind === "barrier" ? this.types[kind] : "";
    const form = isLine ? "LineString" : "Polygon";
    this.draft.add({ id, kind, form, vertices, name, code, type });
    if (kind === "community" || kind === "outline") this.showNames();
    else this.selectNew(id);
  }

  /**
   * Select the shape just drawn, ready for its name; drawing goes on.
   *
   * @param {string} id
   */
  selectNew(id) {
    this.select(id, false);
    const field = requireElement("#shape-name", HTMLInputElement);
    if (!field.closest("[hidden]")) field.focus({ preventScroll: true });
  }

  /** List the names that no shape has yet, and go on with the next one. */
  showNames() {
    const names = this.missingNames();
    const hint = this.kind === "community" ? this.texts.nextCommunity : this.texts.nextEstate;
    this.names.show(names.length ? hint : this.texts.allDrawn, names);
    if (names.length) this.names.choose(names[0][0]);
    else if (this.kind === "outline") this.startDrawing();
    else this.tool.stop();
  }

  /** @returns {[string, string][]} */
  missingNames() {
    const { shapes } = this.draft;
    if (this.kind === "community") {
      const drawn = new Set(shapes.filter(({ kind }) => kind === "community").map(({ code }) => code));
      return Object.entries(this.data.communities).filter(([code]) => !drawn.has(code));
    }
    const drawn = new Set(shapes.filter(({ kind }) => kind === "outline").map(({ name }) => name));
    return this.values.estates.filter((name) => !drawn.has(name)).map((name) => [name, name]);
  }

  /** @param {string} text */
  showHint(text) {
    byId("draw-hint").textContent = text;
    byId("draw-hint").hidden = !text;
  }

  // Selection

  /**
   * @param {string | null} id
   * @param {boolean} stop whether drawing ends
   */
  select(id, stop = true) {
    if (id && stop && this.kind) this.chooseKind(this.kind);
    this.selected = id;
    const shape = id ? this.draft.find(id) : undefined;
    byId("selected").hidden = !shape || this.data.readOnly;
    if (shape) this.fillFields(shape);
    if (shape && stop) this.showHint(this.texts.editing);
    else if (!shape && !this.kind) this.showHint("");
    this.redraw();
  }

  removeSelected() {
    if (!this.selected || this.data.readOnly) return;
    const id = this.selected;
    this.select(null);
    this.draft.remove(id);
  }

  startFields() {
    const fields = { "shape-name": "name", "shape-code": "code", "shape-community": "code" };
    const types = { "street-type": "type", "barrier-type": "type" };
    for (const [id, name] of Object.entries({ ...fields, ...types })) {
      const field = byId(id);
      field.addEventListener("change", () => {
        const value = /** @type {HTMLInputElement} */ (field).value.trim();
        if (this.selected) this.draft.update(this.selected, { [name]: value });
        if (id === "street-type") this.types.street = value;
        if (id === "barrier-type") this.types.barrier = value;
      });
      field.addEventListener("keydown", ({ key }) => {
        if (key === "Enter" || key === "Escape") field.blur();
      });
    }
  }

  /** @param {TracedShape} shape */
  fillFields(shape) {
    const shown = {
      "shape-name": shape.kind !== "community" && shape.kind !== "barrier",
      "shape-code": shape.kind === "grid",
      "shape-community": shape.kind === "community",
      "street-type": shape.kind === "street",
      "barrier-type": shape.kind === "barrier",
    };
    for (const [id, isShown] of Object.entries(shown)) {
      const field = /** @type {HTMLInputElement} */ (byId(id));
      const row = field.closest(".field");
      if (row instanceof HTMLElement) row.hidden = !isShown;
      field.value = id === "shape-name" ? shape.name : id.endsWith("type") ? shape.type : shape.code;
    }
    const names = shape.kind === "outline" ? this.values.estates : [];
    byId("known-names").replaceChildren(...names.map((name) => new Option(name)));
  }

  startKeys() {
    document.addEventListener("keydown", (event) => {
      const isTyping = event.target instanceof Element && event.target.matches("input, select, textarea");
      if (isTyping || this.data.readOnly) return;
      const key = (event.ctrlKey || event.metaKey ? "Ctrl+" : "") + (event.shiftKey ? "Shift+" : "") + event.key;
      /** @type {Record<string, () => void>} */
      const actions = {
        Enter: () => this.tool.finish(),
        Escape: () => this.escape(),
        Backspace: () => this.tool.removeLast(),
        Delete: () => this.removeSelected(),
        "Ctrl+z": () => this.draft.undo(),
        "Ctrl+y": () => this.draft.redo(),
        "Ctrl+Shift+Z": () => this.draft.redo(),
      };
      const action = actions[key];
      if (!action || (key === "Enter" && !this.tool.isActive)) return;
      event.preventDefault();
      action();
    });
  }

  escape() {
    if (this.tool.isActive && this.tool.vertices.length) this.tool.restart();
    else if (this.kind && this.selected) this.select(null);
    else if (this.kind) this.chooseKind(this.kind);
    else this.select(null);
  }

  // Saving and checking

  onChange() {
    if (this.selected && !this.draft.find(this.selected)) this.select(null);
    else this.redraw();
    this.autosave.schedule();
  }

  restoreBackup() {
    const backup = this.data.readOnly ? null : this.autosave.readBackup();
    if (!backup) return;
    this.draft.shapes = backup.shapes;
    this.autosave.version = backup.version;
    this.showHint(this.texts.restored);
    this.autosave.schedule();
  }

  async fix() {
    await this.autosave.save();
    const response = await postJson(this.data.fixUrl, { version: this.autosave.version }).catch(() => null);
    if (!response?.ok) return this.status.show("offline");
    const values = await response.json();
    this.draft.change(() => values.shapes);
    this.autosave.takeStored(values);
    this.showValues(values);
  }

  /**
   * @param {DraftBuilding} building
   * @param {L.LatLng | null} to
   */
  async moveBuilding({ estate, number }, to) {
    await this.autosave.save();
    const place = to && toVertex(to);
    const response = await postJson(this.data.moveUrl, { estate, number, place }).catch(() => null);
    const answer = response ? await response.json() : null;
    if (response?.ok) {
      this.autosave.version = answer.version;
      this.showValues(answer);
    } else {
      this.showBuildings();
      this.showHint(answer?.problem ?? this.texts.offline);
    }
  }

  showBuildings() {
    const onMove = this.kind === "move" ? this.moveBuilding.bind(this) : null;
    this.layers.drawBuildings(this.values.buildings, onMove);
  }

  /** @param {DraftValues} values */
  showValues(values) {
    this.values = values;
    this.showBuildings();
    byId("no-faults").hidden = values.faults.length > 0;
    byId("fix").hidden = this.data.readOnly || !values.faults.some(({ fixable }) => fixable);
    byId("faults").replaceChildren(...values.faults.map((fault) => this.makeFault(fault)));
    byId("missing-details").hidden = !values.missing.length;
    requireElement("#missing-details summary", HTMLElement).textContent = formatText(this.texts.missing, {
      count: values.missing.length,
    });
    byId("missing").replaceChildren(...values.missing.map((text) => createElement("li", "", text)));
  }

  /** @param {DraftFault} fault */
  makeFault({ text, blocks, place, shapes }) {
    const item = createElement("li", blocks ? "" : "is-note");
    const button = createElement("button");
    button.setAttribute("type", "button");
    button.append(createIcon(blocks ? "bad" : "warning"), createElement("span", "", text));
    button.addEventListener("click", () => {
      this.map.setView(toLatLng(place), Math.max(this.map.getZoom(), 17), { animate: false });
      this.select(shapes[0] ?? null);
    });
    item.append(button);
    return item;
  }

  signIn() {
    this.autosave.isDirty = false;
    location.assign(this.data.signInUrl);
  }

  async takeTheirs() {
    const response = await fetch(this.data.loadUrl);
    const values = await response.json();
    this.select(null);
    this.draft.change(() => values.shapes);
    this.autosave.takeStored(values);
    this.showValues(values);
  }
}

/** @param {L.Map} map */
export function start(map) {
  const figure = requireElement("#map", HTMLElement);
  const data = JSON.parse(requireElement("#page-data", HTMLScriptElement).textContent ?? "{}");
  const page = new TracingPage(map, data);
  startZoomButtons(map, page);
  showReady(figure);
}
