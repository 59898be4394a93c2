// Nodes of the page. Text reaches the page through textContent alone, whatever it says.
"use strict";

gridmap.dom = (() => {
  const SVG = "http://www.w3.org/2000/svg";

  const pen = context(document.createElement("canvas"));

  /**
   * Return the first element that matches a selector, which the page must have.
   *
   * @template {Element} T
   * @param {string} selector
   * @param {new () => T} type
   * @param {ParentNode} root
   */
  function requireElement(selector, type, root = document) {
    const element = root.querySelector(selector);
    if (element instanceof type) return element;
    throw new TypeError(`the page has no ${type.name} ${selector}`);
  }

  /** @param {string} id */
  function byId(id) {
    return requireElement(`#${id}`, HTMLElement);
  }

  /**
   * Return all elements of a type that match a selector.
   *
   * @template {Element} T
   * @param {string} selector
   * @param {new () => T} type
   * @param {ParentNode} root
   */
  function listElements(selector, type, root = document) {
    return [...root.querySelectorAll(selector)].flatMap((element) => (element instanceof type ? [element] : []));
  }

  /**
   * Return the element that an event happened in and that matches a selector, or null.
   *
   * @template {Element} T
   * @param {Event} event
   * @param {string} selector
   * @param {new () => T} type
   */
  function closestElement(event, selector, type) {
    const element = event.target instanceof Element ? event.target.closest(selector) : null;
    return element instanceof type ? element : null;
  }

  /** @param {HTMLCanvasElement} canvas */
  function context(canvas) {
    const found = canvas.getContext("2d");
    if (!found) throw new TypeError("this browser does not draw on a canvas");
    return found;
  }

  /**
   * @template {keyof HTMLElementTagNameMap} TagT
   * @param {TagT} tag
   * @returns {HTMLElementTagNameMap[TagT]}
   */
  function make(tag, className = "", text = "") {
    const node = document.createElement(tag);
    if (className) node.className = className;
    if (text !== "") node.textContent = text;
    return node;
  }

  /** @param {string} state */
  function symbol(state) {
    const drawing = document.createElementNS(SVG, "svg");
    drawing.setAttribute("class", `symbol ${state}`);
    drawing.setAttribute("viewBox", "0 0 16 16");
    drawing.setAttribute("aria-hidden", "true");
    const use = document.createElementNS(SVG, "use");
    use.setAttribute("href", `#symbol-${state}`);
    drawing.append(use);
    return drawing;
  }

  /**
   * Return the pixels that a text takes in the bold of labels and marks.
   *
   * @param {string} text
   */
  function width(text) {
    pen.font = `700 14px ${getComputedStyle(document.body).fontFamily}`;
    return pen.measureText(text).width;
  }

  return { requireElement, byId, listElements, closestElement, context, make, symbol, width };
})();
