// Puts the page together: map, table, panel, filter and language tell one another what has been chosen.
"use strict";

gridmap.page = (function () {
  const REACH = 6; // pixels around the pointer in which a street is met
  const CLOSEST = 19;
  const BUTTONS = 56; // pixels that buttons take from the foot of the map on a phone
  const NARROW = matchMedia("(max-width: 899.98px)");
  const $ = (id) => document.getElementById(id);
  const { say, number } = gridmap.words;

  function narrow() {
    return NARROW.matches;
  }

  class Page {
    constructor(map, data) {
      this.map = map;
      this.town = gridmap.town.read(data);
      this.state = null;
      this.selected = null;
      const shown = (position) => this.shows(position);
      gridmap.words.label(document);
      this.fitLegend();
      this.showWhole();
      this.painting = new gridmap.painter.Painting(this.town, shown);
      this.tiles = new gridmap.painter.Tiles(this.painting).addTo(map);
      this.highlight = L.featureGroup().addTo(map);
      this.table = new gridmap.table.Table($("grids"), this.town, (position) => this.select(position, true));
      this.labels = new gridmap.labels.Labels(map, this.town, shown);
      $("title").textContent = this.town.title;
      this.controls();
      this.speak();
    }

    shows(position) {
      return this.state === null || this.town.grids[position].state === this.state;
    }

    controls() {
      this.tip = L.tooltip({ className: "town-tip", offset: [14, 0], opacity: 1 });
      this.map.on("mousemove", (event) => this.hover(event.latlng));
      this.map.on("mouseout", () => this.map.closeTooltip(this.tip));
      this.map.on("click", (event) => this.tap(event.latlng));
      const position = narrow() ? "topleft" : "bottomleft";
      L.control.scale({ imperial: false, maxWidth: 120, position }).addTo(this.map);
      $("closer").addEventListener("click", () => this.map.zoomIn());
      $("further").addEventListener("click", () => this.map.zoomOut());
      $("whole").addEventListener("click", () => this.showWhole());
      $("clear").addEventListener("click", () => this.select(null, false));
      $("language").addEventListener("click", () => this.switchLanguage());
      $("filters").addEventListener("click", (event) => this.filter(event.target.closest("button")));
      addEventListener("beforeprint", () => this.print(true));
      addEventListener("afterprint", () => this.print(false));
      NARROW.addEventListener("change", () => this.fitLegend());
      addEventListener("hashchange", () => this.follow());
      addEventListener("keydown", (event) => event.key === "Escape" && this.select(null, false));
    }

    // On a desk and on paper there is room for the legend, and nothing to close it with.
    fitLegend() {
      $("legend").open = !narrow() || document.documentElement.classList.contains("printing");
      this.map.invalidateSize({ animate: false, pan: false });
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
      this.summarise();
      this.table.speak();
      this.labels.speak();
      this.tell();
    }

    summarise() {
      const words = gridmap.words;
      const sum = gridmap.town.summary(this.town);
      const share = sum.grids ? say("{count} of {all}", { count: number(sum.inRange), all: number(sum.grids) }) : "–";
      const texts = {
        communities: number(sum.communities), grids: number(sum.grids + sum.dedicated), "in-range": share,
        households: number(sum.households), span: words.span(sum.least, sum.most),
      };
      if (this.town.allowed) $("allowed").textContent = say("allowed: {span}", { span: words.span(...this.town.allowed) });
      Object.entries(texts).forEach(([name, text]) => ($(`sum-${name}`).textContent = text));
      $("filters").querySelectorAll("button").forEach((button) => {
        button.querySelector(".count").textContent = number(this.counted(button.dataset.state));
      });
    }

    counted(state) {
      return this.town.grids.filter((grid) => state === "all" || grid.state === state).length;
    }

    // Choosing

    filter(button) {
      if (!button) return;
      this.state = button.dataset.state === "all" ? null : button.dataset.state;
      $("filters").querySelectorAll("button").forEach((other) => {
        other.setAttribute("aria-pressed", String(other === button));
      });
      this.table.filter((position) => this.shows(position));
      this.tiles.redraw();
      this.labels.place();
      this.announce(say("Grids shown: {count}", { count: number(this.counted(button.dataset.state)) }));
      this.showFiltered();
    }

    // On a phone the panel lies under the map, perhaps scrolled away.
    tap(latlng) {
      const { grid } = this.under(latlng);
      this.select(grid, false);
      if (grid !== null && narrow()) scrollTo({ top: $("top").offsetHeight });
    }

    select(position, zoom) {
      this.selected = position;
      this.table.select(position);
      this.labels.select(position);
      this.outline(position);
      if (position !== null && zoom) this.zoomTo(this.town.areas.shapes[position].box, 0.5);
      this.tell();
    }

    tell() {
      const grid = this.selected === null ? null : this.town.grids[this.selected];
      $("clear").hidden = grid === null;
      if (grid) gridmap.details.fill($("details"), this.town, grid);
      else gridmap.details.empty($("details"));
      this.announce(grid ? gridmap.details.sentence(grid) : "");
    }

    announce(sentence) {
      $("said").textContent = sentence;
    }

    outline(position) {
      this.highlight.clearLayers();
      if (position === null) return;
      const rings = this.town.areas.shapes[position].parts.map((part) => this.ring(part));
      const line = (className, weight) => L.polygon(rings, { className, weight, fill: false, interactive: false });
      const colour = (name) => this.painting.colour(name);
      this.highlight.addLayer(line("", 7).setStyle({ color: colour("ink"), opacity: 1 }));
      this.highlight.addLayer(line("", 3.5).setStyle({ color: colour("selected"), opacity: 1 }));
    }

    ring(part) {
      const ring = [];
      for (let i = 0; i < part.length; i += 2) ring.push(this.map.unproject(L.point(part[i], part[i + 1]), 0));
      return ring;
    }

    // Where things are

    showWhole() {
      this.zoomTo(this.town.box, 0.02);
    }

    showFiltered() {
      const shown = this.town.areas.shapes.filter((_, position) => this.shows(position));
      if (this.state !== null && shown.length) this.zoomTo(gridmap.shapes.around(shown.map((shape) => shape.box)), 0.3);
    }

    // Paper has a size of its own; the tiles must be there before it is laid out.
    print(printing) {
      document.documentElement.classList.toggle("printing", printing);
      this.fitLegend();
      this.showWhole();
    }

    zoomTo([left, top, right, bottom], margin) {
      const corners = [L.point(left, top), L.point(right, bottom)].map((point) => this.map.unproject(point, 0));
      const quick = matchMedia("(prefers-reduced-motion: reduce)").matches;
      const below = narrow() ? BUTTONS : 0;
      const options = { maxZoom: CLOSEST, animate: !quick && margin > 0.1, paddingBottomRight: [0, below] };
      this.map.fitBounds(L.latLngBounds(corners).pad(margin), options);
    }

    under(latlng) {
      const { x, y } = this.map.project(latlng, 0);
      const reach = REACH / 2 ** this.map.getZoom();
      const at = (name, distance = 0) => this.town[name].index.at(x, y, distance);
      const grid = at("areas");
      return { grid: grid < 0 ? null : grid, building: at("buildings", reach / 2), street: at("streets", reach),
               dedicated: at("dedicated") };
    }

    hover(latlng) {
      const found = this.under(latlng);
      const texts = this.named(found);
      if (found.grid === null && !texts.length) return this.map.closeTooltip(this.tip);
      const grid = found.grid === null ? null : this.town.grids[found.grid];
      this.tip.setContent(gridmap.details.tip(grid, texts)).setLatLng(latlng).openOn(this.map);
    }

    named({ building, street, dedicated }) {
      const texts = [];
      if (dedicated >= 0) texts.push(this.town.dedicated.name[dedicated]);
      if (building >= 0 && gridmap.painter.showsBuildings(this.map)) texts.push(this.building(building));
      if (street >= 0) texts.push(this.town.streets.name[street]);
      return texts.filter(Boolean);
    }

    building(position) {
      const { name, building_id: id, households } = this.town.buildings;
      const called = { name: name[position] || id[position], households: number(households[position]) };
      return say("{name}: {households} households", called);
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
