// Styles that several maps share. Widths are in pixels.
import { cssColour, statusColour } from "../lib/theme.js";

/** @type {Record<string, number>} */
const STREET_WIDTHS_PX = { motorway: 5, arterial: 4, local: 2.5, lane: 1.25 };

export const communityFillStyle = () => ({ stroke: false, fillColor: cssColour("color-surface"), fillOpacity: 1 });

export const communityBorderStyle = () => ({
  color: cssColour("color-text"),
  weight: 3,
  dashArray: "12 4 3 4",
  fill: false,
});

export const residentGroupStyle = () => ({
  color: cssColour("color-text-muted"),
  weight: 2,
  dashArray: "3 6",
  fill: false,
});

/** @param {StreetFeature} feature */
export const streetStyle = ({ properties }) => ({
  color: cssColour("color-border-strong"),
  opacity: 0.45,
  weight: STREET_WIDTHS_PX[properties.kind] ?? 1,
});

/**
 * Return the style of a street along a border whose incidents count in the grid on one side.
 *
 * @returns {L.PathOptions}
 */
export const givenStreetStyle = () => ({ color: cssColour("accent-strong"), opacity: 0.9, weight: 6, lineCap: "butt" });

/**
 * Return the style of the street that one looks for on the map.
 *
 * @returns {L.PathOptions}
 */
export const shownStreetStyle = () => ({ color: cssColour("color-text"), opacity: 0.9, weight: 7, dashArray: "2 9" });

export { cssColour, statusColour };
