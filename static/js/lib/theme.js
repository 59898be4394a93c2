// Colours of static/css/tokens.css for drawings on a canvas.

export const darkMode = matchMedia("(prefers-color-scheme: dark)");

/**
 * Return the value of a custom property, such as "color-text" for --color-text.
 *
 * @param {string} name
 */
export function cssColour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

/**
 * Return the colour of a grid status: of its border, of its text ("-ink") or of its area ("-soft").
 *
 * @param {string} status
 * @param {string} suffix
 */
export function statusColour(status, suffix = "") {
  return cssColour(`status-${status.replace("_", "-")}${suffix}`);
}
