// A table twin of what is on the map: rows that can be sorted, filtered, grouped and chosen with the keyboard alone.
"use strict";

gridmap.table = (() => {
  const { make } = gridmap.dom;
  const { say, number } = gridmap.words;
  const MORE = 200; // rows that one press adds

  /**
   * @param {string} className
   * @param {Element[]} title
   * @param {[string, ...(string | Element)[]][]} cells class and content
   */
  function row(className, title, cells) {
    const line = make("tr", className);
    const head = make("th");
    const button = make("button", "choose");
    head.scope = "row";
    button.type = "button";
    button.tabIndex = -1;
    button.append(...title);
    head.append(button);
    line.append(
      head,
      ...cells.map(([shape, ...content]) => {
        const cell = make("td", shape);
        cell.append(...content);
        return cell;
      }),
    );
    return line;
  }

  /**
   * A table; its plan has `sorts` (comparisons by name), of which those in `falling` begin with the greatest.
   *
   * @template {{position: number}} RecordT
   */
  class Table {
    /**
     * @param {HTMLTableElement} node
     * @param {TablePlan<RecordT>} plan
     * @param {(position: number) => void} choose
     */
    constructor(node, plan, choose) {
      this.node = node;
      this.plan = plan;
      this.choose = choose;
      this.sort = plan.sort;
      this.ascending = true;
      this.unlimited = false;
      /** @type {(position: number) => boolean} */
      this.shown = () => true;
      /** @type {number | null} */
      this.selected = null;
      /** @type {HTMLButtonElement | null} */
      this.stop = null;
      this.body = gridmap.dom.requireElement("tbody", HTMLTableSectionElement, node);
      /** @type {Map<number, HTMLTableRowElement>} */
      this.made = new Map();
      /** @type {Map<string, number>} */
      this.limits = new Map();
      /** @type {Map<string, RecordT[]>} */
      this.groups = new Map();
      /** @type {RecordT[]} */
      this.order = [];
      for (const head of gridmap.dom.listElements("th[data-sort]", HTMLElement, node)) {
        head.querySelector("button")?.addEventListener("click", () => this.sortBy(head.dataset.sort ?? plan.sort));
      }
      this.body.addEventListener("click", (event) => this.pick(event));
      this.body.addEventListener("keydown", (event) => this.step(event));
    }

    speak() {
      this.made.clear();
      this.arrange();
    }

    /** @param {string} sort */
    sortBy(sort) {
      this.ascending = sort === this.sort ? !this.ascending : !this.plan.falling?.includes(sort);
      this.sort = sort;
      this.arrange();
    }

    /** @param {(position: number) => boolean} shown */
    filter(shown) {
      this.shown = shown;
      this.limits.clear();
      this.arrange();
    }

    /** @param {boolean} whole every row, for paper */
    whole(whole) {
      this.unlimited = whole;
      this.arrange();
    }

    arrange() {
      const direction = this.ascending ? 1 : -1;
      const compare = (/** @type {RecordT} */ a, /** @type {RecordT} */ b) =>
        direction * this.plan.sorts[this.sort](a, b) || a.position - b.position;
      this.groups = this.grouped(this.plan.records.filter((record) => this.shown(record.position)).sort(compare));
      this.order = [];
      this.body.replaceChildren(...[...this.groups].flatMap(([key, records]) => this.lines(key, records)));
      for (const head of gridmap.dom.listElements("th[data-sort]", HTMLElement, this.node)) this.mark(head);
      this.reachable(this.order.find((record) => record.position === this.selected) || this.order[0]);
    }

    /**
     * Group the records. Groups go with the order of the file; sorted by anything else, rows stand in one list.
     *
     * @param {RecordT[]} records
     */
    grouped(records) {
      const key = this.plan.group && this.sort === this.plan.sort ? this.plan.group : () => "";
      /** @type {Map<string, RecordT[]>} */
      const groups = new Map();
      for (const record of records) groups.set(key(record), [...(groups.get(key(record)) || []), record]);
      return groups;
    }

    /**
     * @param {string} key
     * @param {RecordT[]} records
     */
    lines(key, records) {
      const first = records.slice(0, this.limit(key));
      this.order.push(...first);
      const head = key === "" ? [] : [this.head(records)];
      const more = first.length < records.length ? [this.more(key, records.length)] : [];
      return [...head, ...first.map((record) => this.line(record)), ...more];
    }

    /** @param {string} key */
    limit(key) {
      if (this.unlimited || !this.plan.group) return Infinity;
      return this.limits.get(key) ?? (this.groups.size > 1 && this.plan.few ? this.plan.few : MORE);
    }

    /** @param {RecordT} record */
    line(record) {
      const made = this.made.get(record.position);
      if (made) return made;
      const line = this.plan.row(record);
      line.dataset.position = String(record.position);
      if (record.position === this.selected) line.setAttribute("aria-current", "true");
      this.made.set(record.position, line);
      return line;
    }

    /**
     * @param {string} className
     * @param {HTMLTableCellElement} node
     */
    span(className, node) {
      const line = make("tr", className);
      node.colSpan = this.node.querySelectorAll("thead th").length;
      line.append(node);
      return line;
    }

    /** @param {RecordT[]} records */
    head(records) {
      const cell = make("th");
      cell.scope = "rowgroup";
      cell.append(...(this.plan.head?.(records) ?? []));
      return this.span("group", cell);
    }

    /**
     * @param {string} key
     * @param {number} all
     */
    more(key, all) {
      const added = Math.min(MORE, all - this.limit(key));
      const cell = make("td");
      const button = make("button", "more");
      button.type = "button";
      button.textContent = say("Show {count} more of {all}", { count: number(added), all: number(all) });
      button.addEventListener("click", () => this.extend(key));
      cell.append(button);
      return this.span("rest", cell);
    }

    /** @param {string} key */
    extend(key) {
      const before = this.limit(key);
      this.limits.set(key, before + MORE);
      this.arrange();
      const next = this.groups.get(key)?.[before];
      if (next) this.focus(next);
    }

    /** @param {HTMLElement} head */
    mark(head) {
      const way = this.ascending ? "ascending" : "descending";
      head.setAttribute("aria-sort", head.dataset.sort === this.sort ? way : "none");
    }

    /**
     * Put one row in the tab order; arrows go on from there.
     *
     * @param {RecordT | undefined} record
     */
    reachable(record) {
      if (this.stop) this.stop.tabIndex = -1;
      this.stop = record ? this.line(record).querySelector("button") : null;
      if (this.stop) this.stop.tabIndex = 0;
    }

    /** @param {number | null} position */
    select(position) {
      if (this.selected !== null) this.made.get(this.selected)?.removeAttribute("aria-current");
      this.selected = position;
      const record = position === null ? null : this.plan.records[position];
      if (!record || !this.shown(record.position)) return;
      this.uncover(record);
      this.line(record).setAttribute("aria-current", "true");
      this.reachable(record);
      this.reveal(this.line(record));
    }

    /**
     * Show a record that was chosen on the map and may lie below "more".
     *
     * @param {RecordT} record
     */
    uncover(record) {
      if (this.order.includes(record)) return;
      for (const [key, members] of this.groups) {
        if (members.includes(record)) this.limits.set(key, members.indexOf(record) + 1);
      }
      this.arrange();
    }

    /**
     * Scroll within the list where it has its own scroll bar, so that the page itself stays where it is.
     *
     * @param {HTMLElement} line
     */
    reveal(line) {
      const list = this.node.parentElement;
      if (!list || list.scrollHeight <= list.clientHeight) return;
      list.scrollTo({ top: line.offsetTop - list.clientHeight / 2 });
    }

    /** @param {Event} event */
    pick(event) {
      const line = gridmap.dom.closestElement(event, "tr[data-position]", HTMLTableRowElement);
      if (line) this.choose(Number(line.dataset.position));
    }

    /** @param {KeyboardEvent} event */
    step(event) {
      const line = gridmap.dom.closestElement(event, "tr[data-position]", HTMLTableRowElement);
      const here = line ? this.order.findIndex((record) => record.position === Number(line.dataset.position)) : -1;
      const last = this.order.length - 1;
      /** @type {Record<string, number | undefined>} */
      const steps = { ArrowDown: here + 1, ArrowUp: here - 1, Home: 0, End: last };
      const next = steps[event.key];
      if (next === undefined || here < 0) return;
      event.preventDefault();
      this.focus(this.order[Math.max(0, Math.min(last, next))]);
    }

    /** @param {RecordT} record */
    focus(record) {
      this.reachable(record);
      this.stop?.focus();
    }
  }

  return { Table, row };
})();
