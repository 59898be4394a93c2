// DOM nodes. Text from data reaches the page through textContent only.
const SVG_NAMESPACE = "http://www.w3.org/2000/svg";

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
  const svg = document.createElementNS(SVG_NAMESPACE, "svg"), use = document.createElementNS(SVG_NAMESPACE, "use");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  use.setAttribute("href", `#icon-${name}`);
  svg.append(use);
  return svg;
}
