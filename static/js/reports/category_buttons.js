// Buttons in place of the list of categories: those reported lately, then the main categories 大类 with their own 小类.
import { createElement, listElements, requireData } from "../lib/dom.js";

/**
 * @param {string} label
 * @param {() => void} onClick
 */
function createButton(label, onClick) {
  const button = createElement("button", "button secondary", label);
  button.setAttribute("type", "button");
  button.addEventListener("click", onClick);
  return button;
}

export class CategoryButtons {
  /**
   * @param {HTMLSelectElement} list whose groups are the main categories; the list keeps the choice
   * @param {HTMLElement} panel
   */
  constructor(list, panel) {
    this.list = list;
    this.panel = panel;
    this.recentLabel = requireData(panel, "recentLabel");
    list.hidden = true;
    panel.hidden = false;
    list.addEventListener("change", () => this.show());
    this.show();
  }

  /** Return the groups of the list; they may be filled in later. */
  groups() {
    return listElements("optgroup", HTMLOptGroupElement, this.list);
  }

  /** Show the categories reported lately, the chosen one, and the main categories. */
  show() {
    const groups = this.groups();
    const recent = groups.filter((group) => group.label === this.recentLabel);
    const options = recent.flatMap((group) => listElements("option", HTMLOptionElement, group));
    const chosen = this.list.selectedOptions[0];
    if (chosen?.value && !options.some((each) => each.value === this.list.value)) options.unshift(chosen);
    const names = groups.filter((group) => group.label !== this.recentLabel);
    this.panel.replaceChildren(
      ...this.createRow("choice-buttons", options, (option) => this.createChoice(option)),
      ...this.createRow("choice-buttons main", names, (group) => createButton(group.label, () => this.open(group))),
    );
  }

  /** Show the categories of a main category. @param {HTMLOptGroupElement} group */
  open(group) {
    const back = createButton(`‹ ${requireData(this.panel, "backLabel")}`, () => {
      this.show();
      this.focus();
    });
    const options = listElements("option", HTMLOptionElement, group);
    this.panel.replaceChildren(
      back,
      createElement("p", "group-name", group.label),
      ...this.createRow("choice-buttons", options, (option) => this.createChoice(option)),
    );
    this.focus();
  }

  /**
   * @template T
   * @param {string} className
   * @param {T[]} values
   * @param {(value: T) => HTMLElement} create
   */
  createRow(className, values, create) {
    const row = createElement("div", className);
    row.append(...values.map(create));
    return values.length ? [row] : [];
  }

  /** @param {HTMLOptionElement} option */
  createChoice({ text, value }) {
    const button = createButton(text, () => {
      this.list.value = value;
      this.list.dispatchEvent(new Event("change", { bubbles: true }));
      this.focus();
    });
    button.dataset.category = value;
    button.setAttribute("aria-pressed", String(value === this.list.value));
    return button;
  }

  /** Keep the focus in the panel, whose buttons were replaced: on the choice, else on the first one. */
  focus() {
    const [pressed] = listElements("[aria-pressed=true]", HTMLElement, this.panel);
    (pressed ?? listElements("button", HTMLElement, this.panel)[0])?.focus({ preventScroll: true });
    this.panel.scrollIntoView({ block: "nearest" });
  }
}
