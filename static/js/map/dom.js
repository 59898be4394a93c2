// Nodes of the page. Text reaches the page through textContent alone, whatever it says.
"use strict";

gridmap.dom = (function () {
  const SVG = "http://www.w3.org/2000/svg";

  const pen = document.createElement("canvas").getContext("2d");

  function make(tag, className = "", text = "") {
    const node = document.createElement(tag);
    if (className) node.className = className;
    if (text !== "") node.textContent = text;
    return node;
  }

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

  // Pixels that a text takes in the bold of labels and marks.
  function width(text) {
    pen.font = `700 14px ${getComputedStyle(document.body).fontFamily}`;
    return pen.measureText(text).width;
  }

  return { make, symbol, width };
})();
