// The map itself: where it looks, what it outlines, what lies under the pointer.
"use strict";

gridmap.chart = (() => {
  const REACH = 6; // pixels around the pointer in which a street is met
  const CLOSEST = 19;
  const BUTTONS = 56; // pixels that buttons take from the foot of the map on a phone
  const { say } = gridmap.words;

  class Chart {
    /**
     * @param {L.Map} map
     * @param {Town} town
     * @param {{look: () => Look, narrow: () => boolean, colour: (name: string) => string}} display
     */
    constructor(map, town, { look, narrow, colour }) {
      this.map = map;
      this.town = town;
      this.look = look;
      this.narrow = narrow;
      this.colour = colour;
      this.highlight = L.featureGroup().addTo(map);
    }

    /**
     * @param {Box} box
     * @param {number} margin share of the box
     * @param {number} closest
     */
    zoomTo([left, top, right, bottom], margin, closest = CLOSEST) {
      const corners = [L.point(left, top), L.point(right, bottom)].map((point) => this.map.unproject(point, 0));
      const quick = matchMedia("(prefers-reduced-motion: reduce)").matches;
      const below = this.narrow() ? BUTTONS : 0;
      /** @type {L.FitBoundsOptions} */
      const options = { maxZoom: closest, animate: !quick && margin > 0.1, paddingBottomRight: [0, below] };
      this.map.fitBounds(L.latLngBounds(corners).pad(margin), options);
    }

    showWhole() {
      this.zoomTo(this.town.box, 0.02);
    }

    /** @param {Shape | null} shape */
    outline(shape) {
      this.highlight.clearLayers();
      if (!shape) return;
      const places = shape.parts.map((part) => this.places(part));
      const isArea = shape.kind === gridmap.shapes.AREA;
      for (const { name, weight } of [
        { name: "color-text", weight: 7 },
        { name: "selected", weight: 3.5 },
      ]) {
        const style = { weight, color: this.colour(name), opacity: 1, fill: false, interactive: false };
        this.highlight.addLayer(isArea ? L.polygon(places, style) : L.polyline(places, style));
      }
    }

    /** @param {Part} part */
    places(part) {
      /** @type {L.LatLng[]} */
      const places = [];
      for (let i = 0; i < part.length; i += 2) places.push(this.map.unproject(L.point(part[i], part[i + 1]), 0));
      return places;
    }

    /**
     * Return the positions of what lies at a place, -1 for nothing.
     *
     * @param {L.LatLng} latlng
     */
    under(latlng) {
      const { x, y } = this.map.project(latlng, 0);
      const reach = REACH / 2 ** this.map.getZoom();
      const at = (/** @type {{index: SpatialIndex} | undefined} */ layer, distance = 0) =>
        layer ? layer.index.at(x, y, distance) : -1;
      const { areas, drawn, buildings, streets, dedicated, outlines } = this.town;
      const before = this.look() === "before";
      return {
        grid: before ? -1 : at(areas),
        drawn: before ? at(drawn) : -1,
        dedicated: at(dedicated),
        building: at(buildings, reach / 2),
        street: at(streets, reach),
        fault: this.look() === "faults" ? at(outlines, reach / 2) : -1,
      };
    }

    /** @param {ReturnType<Chart["under"]>} found */
    named({ drawn, building, street, dedicated }) {
      const texts = [];
      if (drawn >= 0 && this.town.drawn) texts.push(gridmap.town.short(this.town, this.town.drawn.code[drawn]));
      if (dedicated >= 0) texts.push(this.town.dedicated.name[dedicated]);
      if (building >= 0 && gridmap.painter.showsBuildings(this.map)) texts.push(this.building(building));
      if (street >= 0) texts.push(this.town.streets.name[street] ?? "");
      return texts.filter(Boolean);
    }

    /** @param {number} position */
    building(position) {
      const { name, building_id: id, households, range } = this.town.buildings;
      const words = gridmap.words;
      const ends = range[position];
      const called = { name: name[position] || id[position], households: words.households(households[position], ends) };
      return [say("{name}: {households} households", called), words.estimated(ends)].filter(Boolean).join(" · ");
    }
  }

  return { Chart };
})();
