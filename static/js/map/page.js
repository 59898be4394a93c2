// Puts the page together: map, lists, panel, filters and language tell one another what has been chosen.
"use strict";

gridmap.page = (function () {
  const NARROW = matchMedia("(max-width: 899.98px)");
  const FINEST = 21; // zoom at which a sliver of 0.3 m is a few pixels wide
  const $ = (id) => document.getElementById(id);
  const { say, number } = gridmap.words;

  function narrow() {
    return NARROW.matches;
  }

  class Page {
    constructor(map, data) {
      this.map = map;
      this.town = gridmap.town.read(data);
      Object.assign(this, { state: null, chosen: null, view: "changes" });
      this.list = this.tab = this.town.faults ? "faults" : this.town.changes ? "changes" : "grids";
      gridmap.words.label(document);
      this.draw();
      this.tables();
      $("title").textContent = this.town.title;
      this.controls();
      this.speak();
      this.turn();
    }

    // What the map shows.
    look() {
      if (this.town.changes) return this.view === "after" ? "states" : this.view;
      return this.tab === "faults" ? "faults" : "states";
    }

    shows(position) {
      return this.state === null || this.look() !== "states" || this.town.grids[position].state === this.state;
    }

    draw() {
      const shown = (position) => this.shows(position), look = () => this.look();
      const flawed = (position) => this.sieve.shows(position);
      this.painting = new gridmap.painter.Painting(this.town, { shown, flawed, look });
      this.chart = new gridmap.chart.Chart(this.map, this.town, { look, narrow, colour: this.painting.colour });
      if (this.town.faults) this.sieve = new gridmap.sieve.Sieve(this.town.faults, () => this.sift());
      this.fitLegend();
      this.chart.showWhole();
      this.tiles = new gridmap.painter.Tiles(this.painting).addTo(this.map);
      if (this.list !== "grids") this.marks = this.marksOf(this.town[this.list]);
      const occupied = () => this.marks?.boxes || [];
      this.labels = new gridmap.labels.Labels(this.map, this.town, { shown, look, occupied });
    }

    marksOf(records) {
      const plan = this.town.faults ? gridmap.faults.mark : gridmap.changes.mark(this.town);
      return new gridmap.marks.Marks(this.map, records, plan, {
        shown: (position) => this.marked(position),
        choose: (position) => this.pick(this.list, position),
        zoom: (box) => this.chart.zoomTo(box, 0.3),
      });
    }

    // What has been chosen keeps its mark in every view.
    marked(position) {
      if (this.chosen?.what === this.list && this.chosen.position === position) return true;
      return this.look() === this.list && (!this.sieve || this.sieve.shows(position));
    }

    tables() {
      const table = (name, plan) => new gridmap.table.Table($(name), plan, (position) => this.select(name, position, true));
      this.lists = { grids: table("grids", gridmap.grids.plan(this.town)) };
      if (this.list !== "grids") this.lists[this.list] = table(this.list, gridmap[this.list].plan(this.town));
    }

    controls() {
      this.tip = L.tooltip({ className: "town-tip", offset: [14, 0], opacity: 1 });
      this.map.on("mousemove", (event) => this.hover(event.latlng));
      this.map.on("mouseout", () => this.map.closeTooltip(this.tip));
      this.map.on("click", (event) => this.tap(event.latlng));
      const position = narrow() ? "topright" : "bottomleft";
      L.control.scale({ imperial: false, maxWidth: 120, position }).addTo(this.map);
      $("closer").addEventListener("click", () => this.map.zoomIn());
      $("further").addEventListener("click", () => this.map.zoomOut());
      $("whole").addEventListener("click", () => this.chart.showWhole());
      $("clear").addEventListener("click", () => this.select(this.list, null, false));
      $("language").addEventListener("click", () => this.switchLanguage());
      $("filters").addEventListener("click", (event) => this.filter(event.target.closest("button")));
      document.querySelectorAll("[data-view]").forEach((button) => button.addEventListener("click", () => this.change(button)));
      const tabs = [...document.querySelectorAll("[role=tab]")];
      tabs.forEach((tab) => {
        tab.addEventListener("click", () => this.open(tab));
        tab.addEventListener("keydown", (event) => this.step(event, tabs));
      });
      addEventListener("beforeprint", () => this.print(true));
      addEventListener("afterprint", () => this.print(false));
      NARROW.addEventListener("change", () => this.fitLegend());
      addEventListener("hashchange", () => this.follow());
      addEventListener("keydown", (event) => event.key === "Escape" && this.select(this.list, null, false));
    }

    // On a desk and on paper there is room for the legend, and nothing to close it with.
    fitLegend() {
      $("legend").open = !narrow() || document.documentElement.classList.contains("printing");
      this.map.invalidateSize({ animate: false, pan: false });
    }

    // Lists and views

    open(tab) {
      this.tab = tab.dataset.tab;
      this.turn();
    }

    step(event, tabs) {
      const way = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (!way) return;
      const next = tabs[(tabs.indexOf(event.target) + way + tabs.length) % tabs.length];
      next.focus();
      this.open(next);
    }

    change(button) {
      this.view = button.dataset.view;
      this.turn();
      this.announce(button.textContent);
    }

    // The page follows its tab and view.
    turn() {
      document.querySelectorAll("[role=tab]").forEach((tab) => {
        const open = tab.dataset.tab === this.tab;
        tab.setAttribute("aria-selected", String(open));
        tab.tabIndex = open ? 0 : -1;
        $(`panel-${tab.dataset.tab}`).hidden = !open;
      });
      document.querySelectorAll("[data-view]").forEach((button) => {
        button.setAttribute("aria-pressed", String(button.dataset.view === this.view));
      });
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
      $("language").textContent = say("English", {}, words.other());
      $("language").lang = words.other();
      this.map.getContainer().setAttribute("role", "group");
      this.map.getContainer().setAttribute("aria-label", say("Map of the grids; the table says the same in words"));
      gridmap.summary.fill(this.town);
      this.sieve?.speak();
      Object.values(this.lists).forEach((list) => list.speak());
      this.marks?.place();
      this.labels.speak();
      this.tell();
    }

    // Choosing

    filter(button) {
      if (!button) return;
      this.state = button.dataset.state === "all" ? null : button.dataset.state;
      $("filters").querySelectorAll("button").forEach((other) => other.setAttribute("aria-pressed", String(other === button)));
      const fits = (position) => this.state === null || this.town.grids[position].state === this.state;
      this.lists.grids.filter(fits);
      this.redraw();
      const shown = this.town.areas.shapes.filter((_, position) => fits(position));
      this.announce(say("Grids shown: {count}", { count: number(shown.length) }));
      if (this.state !== null) this.showAll(shown);
    }

    sift() {
      this.sieve.speak();
      const shown = this.town.outlines.shapes.filter((_, position) => this.sieve.shows(position));
      this.lists.faults.filter((position) => this.sieve.shows(position));
      this.redraw();
      this.announce(say("Faults shown: {count}", { count: number(shown.length) }));
      this.showAll(shown);
    }

    showAll(shapes) {
      if (shapes.length) this.chart.zoomTo(gridmap.shapes.around(shapes.map((shape) => shape.box)), 0.3);
    }

    tap(latlng) {
      const { grid, fault } = this.chart.under(latlng);
      if (fault >= 0) this.pick("faults", fault);
      else this.pick("grids", grid < 0 ? null : grid);
    }

    // Chosen on the map: on a phone the panel lies under it, perhaps scrolled away.
    pick(what, position) {
      this.select(what, position, false);
      if (position !== null && narrow()) scrollTo({ top: $("top").offsetHeight });
    }

    select(what, position, zoom) {
      this.chosen = position === null ? null : { what, position };
      Object.entries(this.lists).forEach(([name, list]) => list.select(name === what ? position : null));
      this.labels.select(what === "grids" ? position : null);
      this.marks?.select(what === "grids" ? null : position);
      const shape = position === null ? null : this.shape(what, position);
      this.chart.outline(shape);
      if (shape && zoom) this.chart.zoomTo(shape.box, 0.5, this.closest(what, position));
      this.tell();
    }

    shape(what, position) {
      if (what === "grids") return this.town.areas.shapes[position];
      if (what === "faults") return this.town.outlines.shapes[position];
      const [x, y] = this.town.changes[position].at;
      return { kind: gridmap.shapes.POINT, parts: [], box: [x, y, x, y] };
    }

    closest(what, position) {
      const thin = what === "faults" && this.town.faults[position].width_m < 3;
      return thin && this.town.faults[position].area_m2 > 0 ? FINEST : what === "grids" ? undefined : 18;
    }

    tell() {
      const { what, position } = this.chosen || {};
      const words = { grids: gridmap.details, faults: gridmap.faults, changes: gridmap.changes }[what];
      $("clear").hidden = !words;
      if (!words) gridmap.details.empty($("details"), this.hint());
      else words.fill($("details"), this.town, this.town[what][position]);
      this.announce(words ? words.sentence(this.town[what][position], this.town) : "");
    }

    hint() {
      if (this.list === "faults") return say("Choose a fault on the map or in the list.");
      if (this.list === "changes") return say("Choose a change or a grid on the map or in the list.");
      return say("Choose a grid on the map or in the table.");
    }

    announce(sentence) {
      $("said").textContent = sentence;
    }

    // Paper has a size of its own; the tiles must be there before it is laid out.
    print(printing) {
      document.documentElement.classList.toggle("printing", printing);
      Object.values(this.lists).forEach((list) => list.whole(printing));
      this.fitLegend();
      this.chart.showWhole();
    }

    hover(latlng) {
      const found = this.chart.under(latlng);
      const faults = found.fault < 0 ? [] : gridmap.faults.told(this.town.faults[found.fault]);
      const texts = [...faults, ...this.chart.named(found)];
      if (found.grid < 0 && !texts.length) return this.map.closeTooltip(this.tip);
      const grid = found.grid < 0 ? null : this.town.grids[found.grid];
      this.tip.setContent(gridmap.details.tip(grid, texts)).setLatLng(latlng).openOn(this.map);
    }
  }

  function start(map) {
    const read = (id) => JSON.parse($(id).textContent);
    const { words, language } = read("words");
    gridmap.words.learn(words, language);
    return new Page(map, read("town"));
  }

  return { start };
})();
