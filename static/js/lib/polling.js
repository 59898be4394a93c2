// Intervals between looks at something that changes on the server.
const FIRST_DELAY_MS = 400;
const MAX_DELAY_MS = 5000;
const GROWTH = 1.3;

/**
 * Return the milliseconds to wait before the next look: short after a change, then longer and longer.
 *
 * @param {number} delay the one before; 0 at the start
 * @param {boolean} hasChanged
 */
export function nextDelay(delay, hasChanged) {
  if (hasChanged || delay === 0) return FIRST_DELAY_MS;
  return Math.min(delay * GROWTH, MAX_DELAY_MS);
}
