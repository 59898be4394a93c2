// Sizes and overlap of labels, in pixels of the screen.

/**
 * Estimate the width of a text; Chinese characters are about twice as wide as Latin letters and digits.
 *
 * @param {string} text
 * @param {{latin: number, chinese: number, margin: number}} widths
 */
export function textWidth(text, { latin, chinese, margin }) {
  return [...text].reduce((sum, letter) => sum + (letter > "\u2e7f" ? chinese : latin), margin);
}

/**
 * Return whether two boxes overlap.
 *
 * @param {Box} a
 * @param {Box} b
 */
export function boxesOverlap(a, b) {
  return a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3];
}

/**
 * Return the part of a grid code that tells grids of one community apart.
 *
 * @param {string} code
 */
export function shortCode(code) {
  return code.length > 12 ? code.slice(12).replace(/^-/, "") || code : code;
}
