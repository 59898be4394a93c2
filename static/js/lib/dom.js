// DOM nodes. Text from data reaches the page through textContent only.
const SVG_NAMESPACE = "http://www.w3.org/2000/svg";

/**
 * Return the first element that matches a selector, which the page must have.
 *
 * @template {Element} T
 * @param {string} selector
 * @param {new () => T} type
 * @param {ParentNode} root
 * @throws {TypeError} if there is none of this type
 */
export function requireElement(selector, type, root = document) {
  const element = root.querySelector(selector);
  if (element instanceof type) return element;
  throw new TypeError(`the page has no ${type.name} ${selector}`);
}

/**
 * Return all elements of a type that match a selector.
 *
 * @template {Element} T
 * @param {string} selector
 * @param {new () => T} type
 * @param {ParentNode} root
 */
export function listElements(selector, type, root = document) {
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
export function closestElement(event, selector, type) {
  const element = event.target instanceof Element ? event.target.closest(selector) : null;
  return element instanceof type ? element : null;
}

/**
 * Return the row of a description list that a value belongs to, or the value itself outside of one.
 *
 * @param {HTMLElement} field
 * @returns {HTMLElement}
 */
export function listRow(field) {
  const row = field.closest("dl > div");
  return row instanceof HTMLElement ? row : field;
}

/**
 * Return the value of a data attribute that the element must have.
 *
 * @param {HTMLElement} element
 * @param {string} name as in `dataset`
 * @throws {TypeError} if there is none
 */
export function requireData(element, name) {
  const value = element.dataset[name];
  if (value !== undefined) return value;
  throw new TypeError(`an element of the page has no data for ${name}`);
}

/**
 * Create an element with a class and a text.
 *
 * @param {string} tag
 * @param {string} className
 * @param {string} text
 */
export function createElement(tag, className = "", text = "") {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text !== "") element.textContent = text;
  return element;
}

/**
 * Create an icon of templates/_icons.html.
 *
 * @param {string} name
 */
export function createIcon(name) {
  const svg = document.createElementNS(SVG_NAMESPACE, "svg");
  const use = document.createElementNS(SVG_NAMESPACE, "use");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  use.setAttribute("href", `#icon-${name}`);
  svg.append(use);
  return svg;
}
