// Names of communities or estates that no shape has yet; the next shape gets the chosen one.
import { createElement, listElements, requireElement } from "../lib/dom.js";

export class NextNames {
  /** @param {(key: string) => void} onChoose */
  constructor(onChoose) {
    this.box = requireElement("#next-names", HTMLElement);
    this.onChoose = onChoose;
    /** @type {string | null} */
    this.chosen = null;
  }

  hide() {
    this.chosen = null;
    this.box.hidden = true;
  }

  /**
   * Show names by their keys; none is chosen.
   * @param {string} hint
   * @param {[string, string][]} names
   */
  show(hint, names) {
    this.chosen = null;
    this.box.hidden = false;
    requireElement("p", HTMLElement, this.box).textContent = hint;
    const list = requireElement("ul", HTMLElement, this.box);
    list.replaceChildren(...names.map(([key, name]) => this.makeItem(key, name)));
  }

  /** @param {string} key */
  choose(key) {
    this.chosen = key;
    for (const button of listElements("button", HTMLElement, this.box)) {
      button.setAttribute("aria-pressed", String(button.dataset.name === key));
    }
    this.onChoose(key);
  }

  /**
   * @param {string} key
   * @param {string} name
   */
  makeItem(key, name) {
    const item = createElement("li");
    const button = createElement("button", "", name);
    button.setAttribute("type", "button");
    button.dataset.name = key;
    button.addEventListener("click", () => this.choose(key));
    item.append(button);
    return item;
  }
}
