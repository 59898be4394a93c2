// Sentences of a page, with values in their places.

/**
 * Return a sentence with its values.
 *
 * @param {string} template such as "Saved at {time}"
 * @param {Record<string, string | number>} values
 */
export function formatText(template, values) {
  return template.replace(/\{(\w+)\}/g, (_, name) => String(values[name] ?? ""));
}
