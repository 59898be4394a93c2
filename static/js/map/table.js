// The table twin: every grid as a row that can be sorted, filtered and chosen with the keyboard alone.
"use strict";

gridmap.table = (function () {
  const { make } = gridmap.dom;
  const { say, number } = gridmap.words;
  const ORDER = { under: 0, over: 1, in_range: 2, dedicated: 3 };
  const SORTS = {
    code: (a, b) => (a.code < b.code ? -1 : a.code > b.code ? 1 : 0),
    status: (a, b) => ORDER[a.state] - ORDER[b.state],
    households: (a, b) => (a.households ?? -1) - (b.households ?? -1),
    buildings: (a, b) => (a.buildings ?? -1) - (b.buildings ?? -1),
    area: (a, b) => (a.area_m2 ?? -1) - (b.area_m2 ?? -1),
  };

  class Table {
    constructor(node, town, choose) {
      Object.assign(this, { node, town, choose, sort: "code", ascending: true, shown: () => true, selected: null });
      this.body = node.querySelector("tbody");
      node.querySelectorAll("th button").forEach((button) => {
        button.addEventListener("click", () => this.sortBy(button.closest("th").dataset.sort));
      });
      this.body.addEventListener("click", (event) => this.pick(event));
      this.body.addEventListener("keydown", (event) => this.step(event));
      this.rows = town.grids.map((grid) => this.row(grid));
    }

    row(grid) {
      const row = make("tr", grid.state);
      row.dataset.position = grid.position;
      const head = make("th");
      head.scope = "row";
      const button = make("button", "choose");
      button.type = "button";
      head.append(button);
      const cells = ["of-status", "number", "number wide", "number wide"].map((className) => make("td", className));
      row.append(head, ...cells);
      return row;
    }

    speak() {
      this.rows.forEach((row, position) => this.word(row, this.town.grids[position]));
      this.arrange();
    }

    word(row, grid) {
      const [head, status, households, buildings, area] = row.children;
      const several = this.town.communities.shapes.length > 1;
      const place = several ? [make("small", "", gridmap.details.community(this.town, grid))] : [];
      head.firstChild.replaceChildren(make("b", "", grid.short), ...place);
      const why = gridmap.details.reason(grid);
      status.replaceChildren(gridmap.details.badge(grid.state), ...(why ? [make("small", "", why)] : []));
      households.textContent = number(grid.households);
      buildings.textContent = number(grid.buildings);
      area.textContent = gridmap.details.hectares(grid.area_m2);
    }

    sortBy(sort) {
      this.ascending = sort === this.sort ? !this.ascending : true;
      this.sort = sort;
      this.arrange();
    }

    filter(shown) {
      this.shown = shown;
      this.arrange();
    }

    arrange() {
      const direction = this.ascending ? 1 : -1;
      const compare = (a, b) => direction * SORTS[this.sort](a, b) || SORTS.code(a, b);
      this.order = this.town.grids.filter((grid) => this.shown(grid.position)).sort(compare);
      this.body.replaceChildren(...this.order.map((grid) => this.rows[grid.position]));
      this.node.querySelectorAll("th[data-sort]").forEach((head) => this.mark(head));
      this.reachable(this.order.find((grid) => grid.position === this.selected) || this.order[0]);
    }

    mark(head) {
      const way = this.ascending ? "ascending" : "descending";
      head.setAttribute("aria-sort", head.dataset.sort === this.sort ? way : "none");
    }

    // One row is in the tab order; arrows go on from there.
    reachable(grid) {
      this.rows.forEach((row) => (row.querySelector("button").tabIndex = -1));
      if (grid) this.rows[grid.position].querySelector("button").tabIndex = 0;
    }

    select(position) {
      this.rows[this.selected]?.removeAttribute("aria-current");
      this.selected = position;
      if (position === null) return;
      this.rows[position].setAttribute("aria-current", "true");
      this.reachable(this.town.grids[position]);
      this.reveal(this.rows[position]);
    }

    // Scrolls within the list where it has its own scroll bar, so that the page itself stays where it is.
    reveal(row) {
      const list = this.node.parentElement;
      if (list.scrollHeight <= list.clientHeight) return;
      list.scrollTo({ top: row.offsetTop - list.clientHeight / 2 });
    }

    pick(event) {
      const row = event.target.closest("tr");
      if (row) this.choose(Number(row.dataset.position));
    }

    step(event) {
      const here = this.order.findIndex((grid) => this.rows[grid.position].contains(event.target));
      const last = this.order.length - 1;
      const next = { ArrowDown: here + 1, ArrowUp: here - 1, Home: 0, End: last }[event.key];
      if (next === undefined) return;
      event.preventDefault();
      const grid = this.order[Math.max(0, Math.min(last, next))];
      this.reachable(grid);
      this.rows[grid.position].querySelector("button").focus();
    }
  }

  return { Table };
})();
