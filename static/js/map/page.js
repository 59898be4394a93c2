// Puts the page together: map, lists, panel, filters and language tell one another what has been chosen.
"use strict";

gridmap.page = (() => {
  const NARROW = matchMedia("(max-width: 899.98px)");
  const FINEST = 21; // zoom at which a sliver of 0.3 m is a few pixels wide
  const { byId, closestElement, listElements, requireElement } = gridmap.dom;
  const { say, number } = gridmap.words;

  function narrow() {
    return NARROW.matches;
  }

  class Page {
    /**
     * @param {L.Map} map
     * @param {GivenTown} data
     */
    constructor(map, data) {
      this.map = map;
      this.town = gridmap.town.read(data);
      /** @type {string | null} */
      this.state = null;
      /** @type {{what: ListName, position: number} | null} */
      this.chosen = null;
      this.view = "changes";
      /** @type {ListName} */
      this.list = this.town.faults ? "faults" : this.town.changes ? "changes" : "grids";
      this.tab = this.list;
      gridmap.words.label(document);
      const shown = (/** @type {number} */ position) => this.shows(position);
      const look = () => this.look();
      const flawed = (/** @type {number} */ position) => this.sifted(position);
      this.painting = new gridmap.painter.Painting(this.town, { shown, flawed, look });
      this.chart = new gridmap.chart.Chart(map, this.town, { look, narrow, colour: this.painting.colour });
      this.sieve = this.town.faults && new gridmap.sieve.Sieve(this.town.faults, () => this.sift());
      this.fitLegend();
      this.chart.showWhole();
      this.tiles = new gridmap.painter.Tiles(this.painting).addTo(map);
      this.marks = this.createMarks();
      this.labels = new gridmap.labels.Labels(map, this.town, { shown, look, occupied: () => this.marks?.boxes ?? [] });
      this.lists = this.createLists();
      this.tip = L.tooltip({ className: "town-tip", offset: [14, 0], opacity: 1 });
      byId("title").textContent = this.town.title;
      this.controls();
      this.speak();
      this.turn();
    }

    /**
     * Return what the map shows.
     *
     * @returns {Look}
     */
    look() {
      if (this.town.changes) return this.view === "before" || this.view === "changes" ? this.view : "states";
      return this.tab === "faults" ? "faults" : "states";
    }

    /** @param {number} position of a grid */
    shows(position) {
      return this.state === null || this.look() !== "states" || this.town.grids[position].state === this.state;
    }

    /** @param {number} position of a fault */
    sifted(position) {
      return !this.sieve || this.sieve.shows(position);
    }

    createMarks() {
      const { map, town } = this;
      const { Marks } = gridmap.marks;
      const actions = {
        shown: (/** @type {number} */ position) => this.marked(position),
        choose: (/** @type {number} */ position) => this.pick(this.list, position),
        zoom: (/** @type {Box} */ box) => this.chart.zoomTo(box, 0.3),
      };
      if (town.faults) return new Marks(map, town.faults, gridmap.faults.mark, actions);
      return town.changes && new Marks(map, town.changes, gridmap.changes.mark(town), actions);
    }

    /**
     * Return whether a record has a mark. What has been chosen keeps it in every view.
     *
     * @param {number} position
     */
    marked(position) {
      if (this.chosen?.what === this.list && this.chosen.position === position) return true;
      return this.look() === this.list && this.sifted(position);
    }

    createLists() {
      const { Table } = gridmap.table;
      const { grids, faults, changes } = gridmap;
      const table = (/** @type {ListName} */ name) => requireElement(`#${name}`, HTMLTableElement);
      const choose = (/** @type {ListName} */ name) => (/** @type {number} */ position) =>
        this.select(name, position, true);
      return {
        grids: new Table(table("grids"), grids.plan(this.town), choose("grids")),
        faults: this.list === "faults" ? new Table(table("faults"), faults.plan(this.town), choose("faults")) : null,
        changes:
          this.list === "changes" ? new Table(table("changes"), changes.plan(this.town), choose("changes")) : null,
      };
    }

    controls() {
      this.map.on("mousemove", (event) => this.hover(event.latlng));
      this.map.on("mouseout", () => this.map.closeTooltip(this.tip));
      this.map.on("click", (event) => this.tap(event.latlng));
      const position = narrow() ? "topright" : "bottomleft";
      L.control.scale({ imperial: false, maxWidth: 120, position }).addTo(this.map);
      byId("closer").addEventListener("click", () => this.map.zoomIn());
      byId("further").addEventListener("click", () => this.map.zoomOut());
      byId("whole").addEventListener("click", () => this.chart.showWhole());
      byId("clear").addEventListener("click", () => this.select(this.list, null, false));
      byId("language").addEventListener("click", () => this.switchLanguage());
      byId("filters").addEventListener("click", (event) =>
        this.filter(closestElement(event, "button", HTMLButtonElement)),
      );
      for (const button of listElements("[data-view]", HTMLElement)) {
        button.addEventListener("click", () => this.change(button));
      }
      const tabs = listElements("[role=tab]", HTMLElement);
      for (const tab of tabs) {
        tab.addEventListener("click", () => this.open(tab));
        tab.addEventListener("keydown", (event) => this.step(event, tabs));
      }
      addEventListener("beforeprint", () => this.print(true));
      addEventListener("afterprint", () => this.print(false));
      NARROW.addEventListener("change", () => this.fitLegend());
      addEventListener("hashchange", () => this.follow());
      addEventListener("keydown", ({ key }) => {
        if (key === "Escape") this.select(this.list, null, false);
      });
    }

    // On a desk and on paper there is room for the legend, and nothing to close it with.
    fitLegend() {
      requireElement("#legend", HTMLDetailsElement).open =
        !narrow() || document.documentElement.classList.contains("printing");
      this.map.invalidateSize({ animate: false, pan: false });
    }

    // Lists and views

    /** @param {HTMLElement} tab */
    open(tab) {
      this.tab = /** @type {ListName} */ (tab.dataset.tab);
      this.turn();
    }

    /**
     * @param {KeyboardEvent} event
     * @param {HTMLElement[]} tabs
     */
    step({ key, currentTarget }, tabs) {
      const way = key === "ArrowRight" ? 1 : key === "ArrowLeft" ? -1 : 0;
      if (!way || !(currentTarget instanceof HTMLElement)) return;
      const next = tabs[(tabs.indexOf(currentTarget) + way + tabs.length) % tabs.length];
      next.focus();
      this.open(next);
    }

    /** @param {HTMLElement} button */
    change(button) {
      this.view = button.dataset.view ?? this.view;
      this.turn();
      this.announce(button.textContent ?? "");
    }

    // The page follows its tab and view.
    turn() {
      for (const tab of listElements("[role=tab]", HTMLElement)) {
        const open = tab.dataset.tab === this.tab;
        tab.setAttribute("aria-selected", String(open));
        tab.tabIndex = open ? 0 : -1;
        byId(`panel-${tab.dataset.tab}`).hidden = !open;
      }
      for (const button of listElements("[data-view]", HTMLElement)) {
        button.setAttribute("aria-pressed", String(button.dataset.view === this.view));
      }
      document.body.dataset.look = this.look();
      this.fitLegend();
      this.redraw();
    }

    redraw() {
      this.tiles.redraw();
      this.marks?.refresh();
      this.labels.place();
    }

    // Language

    follow() {
      const asked = gridmap.words.fromAddress();
      if (asked && asked !== gridmap.words.current()) this.switchLanguage();
    }

    switchLanguage() {
      gridmap.words.speak(gridmap.words.other());
      this.speak();
    }

    speak() {
      const words = gridmap.words;
      document.documentElement.lang = words.current();
      document.title = say("Grids of {town}", { town: this.town.title });
      words.label(document);
      Object.assign(byId("language"), { textContent: say("English", {}, words.other()), lang: words.other() });
      this.map.getContainer().setAttribute("role", "group");
      this.map.getContainer().setAttribute("aria-label", say("Map of the grids; the table says the same in words"));
      gridmap.summary.fill(this.town);
      this.sieve?.speak();
      for (const list of Object.values(this.lists)) list?.speak();
      this.marks?.place();
      this.labels.speak();
      this.tell();
    }

    // Choosing

    /** @param {HTMLButtonElement | null} button */
    filter(button) {
      if (!button) return;
      const { state = "all" } = button.dataset;
      this.state = state === "all" ? null : state;
      for (const other of listElements("button", HTMLButtonElement, byId("filters"))) {
        other.setAttribute("aria-pressed", String(other === button));
      }
      const fits = (/** @type {number} */ position) =>
        this.state === null || this.town.grids[position].state === this.state;
      this.lists.grids.filter(fits);
      this.redraw();
      const shown = this.town.areas.shapes.filter((_, position) => fits(position));
      this.announce(say("Grids shown: {count}", { count: number(shown.length) }));
      if (this.state !== null) this.showAll(shown);
    }

    sift() {
      this.sieve?.speak();
      const shown = (this.town.outlines?.shapes ?? []).filter((_, position) => this.sifted(position));
      this.lists.faults?.filter((position) => this.sifted(position));
      this.redraw();
      this.announce(say("Faults shown: {count}", { count: number(shown.length) }));
      this.showAll(shown);
    }

    /** @param {Shape[]} shapes */
    showAll(shapes) {
      if (shapes.length) this.chart.zoomTo(gridmap.shapes.around(shapes.map((shape) => shape.box)), 0.3);
    }

    /** @param {L.LatLng} latlng */
    tap(latlng) {
      const { grid, fault } = this.chart.under(latlng);
      if (fault >= 0) this.pick("faults", fault);
      else this.pick("grids", grid < 0 ? null : grid);
    }

    /**
     * Choose on the map: on a phone the panel lies under it, perhaps scrolled away.
     *
     * @param {ListName} what
     * @param {number | null} position
     */
    pick(what, position) {
      this.select(what, position, false);
      if (position !== null && narrow()) scrollTo({ top: byId("top").offsetHeight });
    }

    /**
     * @param {ListName} what
     * @param {number | null} position
     * @param {boolean} zoom
     */
    select(what, position, zoom) {
      this.chosen = position === null ? null : { what, position };
      for (const [name, list] of Object.entries(this.lists)) list?.select(name === what ? position : null);
      this.labels.select(what === "grids" ? position : null);
      this.marks?.select(what === "grids" ? null : position);
      const shape = position === null ? null : this.shape(what, position);
      this.chart.outline(shape);
      if (shape && zoom && position !== null) this.chart.zoomTo(shape.box, 0.5, this.closest(what, position));
      this.tell();
    }

    /**
     * @param {ListName} what
     * @param {number} position
     * @returns {Shape | null}
     */
    shape(what, position) {
      if (what === "grids") return this.town.areas.shapes[position];
      if (what === "faults") return this.town.outlines?.shapes[position] ?? null;
      const change = this.town.changes?.[position];
      if (!change) return null;
      const [x, y] = change.at;
      return { kind: gridmap.shapes.POINT, parts: [], box: [x, y, x, y] };
    }

    /**
     * Return the closest zoom on what was chosen; undefined for a grid, which is large.
     *
     * @param {ListName} what
     * @param {number} position
     */
    closest(what, position) {
      if (what === "grids") return undefined;
      const { width_m: width, area_m2: area } = (what === "faults" && this.town.faults?.[position]) || {};
      return (width ?? 0) < 3 && (area ?? 0) > 0 ? FINEST : 18;
    }

    tell() {
      byId("clear").hidden = !this.chosen;
      if (!this.chosen) gridmap.details.empty(byId("details"), this.hint());
      this.announce(this.chosen ? this.describe(this.chosen) : "");
    }

    /**
     * Fill the panel with what was chosen, and return it as a sentence.
     *
     * @param {{what: ListName, position: number}} chosen
     */
    describe({ what, position }) {
      const { town } = this;
      const panel = byId("details");
      if (what === "faults" && town.faults) {
        gridmap.faults.fill(panel, town, town.faults[position]);
        return gridmap.faults.sentence(town.faults[position]);
      }
      if (what === "changes" && town.changes) {
        gridmap.changes.fill(panel, town, town.changes[position]);
        return gridmap.changes.sentence(town.changes[position], town);
      }
      gridmap.details.fill(panel, town, town.grids[position]);
      return gridmap.details.sentence(town.grids[position]);
    }

    hint() {
      if (this.list === "faults") return say("Choose a fault on the map or in the list.");
      if (this.list === "changes") return say("Choose a change or a grid on the map or in the list.");
      return say("Choose a grid on the map or in the table.");
    }

    /** @param {string} sentence */
    announce(sentence) {
      byId("said").textContent = sentence;
    }

    /**
     * Prepare for paper, which has a size of its own; the tiles must be there before it is laid out.
     *
     * @param {boolean} printing
     */
    print(printing) {
      document.documentElement.classList.toggle("printing", printing);
      for (const list of Object.values(this.lists)) list?.whole(printing);
      this.fitLegend();
      this.chart.showWhole();
    }

    /** @param {L.LatLng} latlng */
    hover(latlng) {
      const found = this.chart.under(latlng);
      const fault = this.town.faults?.[found.fault];
      const faults = fault ? gridmap.faults.told(fault) : [];
      const texts = [...faults, ...this.chart.named(found)];
      if (found.grid < 0 && !texts.length) {
        this.map.closeTooltip(this.tip);
        return;
      }
      const grid = found.grid < 0 ? null : this.town.grids[found.grid];
      this.tip.setContent(gridmap.details.tip(grid, texts)).setLatLng(latlng).openOn(this.map);
    }
  }

  /** @param {L.Map} map */
  function start(map) {
    const read = (/** @type {string} */ id) => JSON.parse(byId(id).textContent ?? "");
    const { words, language } = read("words");
    gridmap.words.learn(words, language);
    return new Page(map, read("town"));
  }

  return { start };
})();
