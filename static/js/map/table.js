// A table twin of what is on the map: rows that can be sorted, filtered, grouped and chosen with the keyboard alone.
"use strict";

gridmap.table = (function () {
  const { make } = gridmap.dom;
  const { say, number } = gridmap.words;
  const MORE = 200; // rows that one press adds

  function row(className, title, cells) {
    const line = make("tr", className), head = make("th"), button = make("button", "choose");
    head.scope = "row";
    button.type = "button";
    button.tabIndex = -1;
    button.append(...title);
    head.append(button);
    line.append(head, ...cells.map(([shape, ...content]) => {
      const cell = make("td", shape);
      cell.append(...content);
      return cell;
    }));
    return line;
  }

  // What a table shows: `records`, `row` (a record as a row), `sorts` (comparisons by name; those in `falling` begin with
  // the greatest), `sort`, and where rows come in groups: `group` (a record's), `head` (a group's heading), `few`.
  class Table {
    constructor(node, plan, choose) {
      Object.assign(this, { node, plan, choose, sort: plan.sort, ascending: true, shown: () => true, selected: null });
      this.body = node.querySelector("tbody");
      this.made = new Map();
      this.limits = new Map();
      node.querySelectorAll("th button").forEach((button) => {
        button.addEventListener("click", () => this.sortBy(button.closest("th").dataset.sort));
      });
      this.body.addEventListener("click", (event) => this.pick(event));
      this.body.addEventListener("keydown", (event) => this.step(event));
    }

    speak() {
      this.made.clear();
      this.arrange();
    }

    sortBy(sort) {
      this.ascending = sort === this.sort ? !this.ascending : !this.plan.falling?.includes(sort);
      this.sort = sort;
      this.arrange();
    }

    filter(shown) {
      this.shown = shown;
      this.limits.clear();
      this.arrange();
    }

    // Every row, for paper.
    whole(whole) {
      this.unlimited = whole;
      this.arrange();
    }

    arrange() {
      const direction = this.ascending ? 1 : -1;
      const compare = (a, b) => direction * this.plan.sorts[this.sort](a, b) || a.position - b.position;
      this.groups = this.grouped(this.plan.records.filter((record) => this.shown(record.position)).sort(compare));
      this.order = [];
      this.body.replaceChildren(...[...this.groups].flatMap(([key, records]) => this.lines(key, records)));
      this.node.querySelectorAll("th[data-sort]").forEach((head) => this.mark(head));
      this.reachable(this.order.find((record) => record.position === this.selected) || this.order[0]);
    }

    // Groups go with the order of the file; sorted by anything else, rows stand in one list.
    grouped(records) {
      const key = this.plan.group && this.sort === this.plan.sort ? this.plan.group : () => "";
      const groups = new Map();
      for (const record of records) groups.set(key(record), [...(groups.get(key(record)) || []), record]);
      return groups;
    }

    lines(key, records) {
      const first = records.slice(0, this.limit(key));
      this.order.push(...first);
      const head = key === "" ? [] : [this.head(records)];
      const more = first.length < records.length ? [this.more(key, records.length)] : [];
      return [...head, ...first.map((record) => this.line(record)), ...more];
    }

    limit(key) {
      if (this.unlimited || !this.plan.group) return Infinity;
      return this.limits.get(key) ?? (this.groups.size > 1 ? this.plan.few : MORE);
    }

    line(record) {
      if (!this.made.has(record.position)) {
        const line = this.plan.row(record);
        line.dataset.position = record.position;
        if (record.position === this.selected) line.setAttribute("aria-current", "true");
        this.made.set(record.position, line);
      }
      return this.made.get(record.position);
    }

    span(className, node) {
      const line = make("tr", className);
      node.colSpan = this.node.querySelectorAll("thead th").length;
      line.append(node);
      return line;
    }

    head(records) {
      const cell = make("th");
      cell.scope = "rowgroup";
      cell.append(...this.plan.head(records));
      return this.span("group", cell);
    }

    more(key, all) {
      const added = Math.min(MORE, all - this.limit(key)), cell = make("td"), button = make("button", "more");
      button.type = "button";
      button.textContent = say("Show {count} more of {all}", { count: number(added), all: number(all) });
      button.addEventListener("click", () => this.extend(key));
      cell.append(button);
      return this.span("rest", cell);
    }

    extend(key) {
      const before = this.limit(key);
      this.limits.set(key, before + MORE);
      this.arrange();
      this.focus(this.groups.get(key)[before]);
    }

    mark(head) {
      const way = this.ascending ? "ascending" : "descending";
      head.setAttribute("aria-sort", head.dataset.sort === this.sort ? way : "none");
    }

    // One row is in the tab order; arrows go on from there.
    reachable(record) {
      if (this.stop) this.stop.tabIndex = -1;
      this.stop = record && this.line(record).querySelector("button");
      if (this.stop) this.stop.tabIndex = 0;
    }

    select(position) {
      this.made.get(this.selected)?.removeAttribute("aria-current");
      this.selected = position;
      const record = position === null ? null : this.plan.records[position];
      if (!record || !this.shown(position)) return;
      this.uncover(record);
      this.line(record).setAttribute("aria-current", "true");
      this.reachable(record);
      this.reveal(this.line(record));
    }

    // What was chosen on the map may lie below "more".
    uncover(record) {
      if (this.order.includes(record)) return;
      const [key, records] = [...this.groups].find(([, members]) => members.includes(record));
      this.limits.set(key, records.indexOf(record) + 1);
      this.arrange();
    }

    // Scrolls within the list where it has its own scroll bar, so that the page itself stays where it is.
    reveal(line) {
      const list = this.node.parentElement;
      if (list.scrollHeight <= list.clientHeight) return;
      list.scrollTo({ top: line.offsetTop - list.clientHeight / 2 });
    }

    pick(event) {
      const line = event.target.closest("tr[data-position]");
      if (line) this.choose(Number(line.dataset.position));
    }

    step(event) {
      const line = event.target.closest("tr[data-position]");
      const here = line ? this.order.findIndex((record) => record.position === Number(line.dataset.position)) : -1;
      const last = this.order.length - 1;
      const next = { ArrowDown: here + 1, ArrowUp: here - 1, Home: 0, End: last }[event.key];
      if (next === undefined || here < 0) return;
      event.preventDefault();
      this.focus(this.order[Math.max(0, Math.min(last, next))]);
    }

    focus(record) {
      this.reachable(record);
      this.stop.focus();
    }
  }

  return { Table, row };
})();
