// Texts of the page in every language it speaks, and the one that is spoken now.
"use strict";

const gridmap = {};

gridmap.words = (() => {
  const MISSING = "–";
  /** @type {Record<string, Record<string, string>>} */
  const catalogues = Object.create(null);
  let language = "en";

  /**
   * @param {Record<string, Record<string, string>>} given texts by language
   * @param {string} fallback
   */
  function learn(given, fallback) {
    Object.assign(catalogues, given);
    language = fromAddress() || fallback;
  }

  function fromAddress() {
    const asked = new URLSearchParams(location.hash.slice(1)).get("lang");
    return asked !== null && asked in catalogues ? asked : null;
  }

  function other() {
    return Object.keys(catalogues).find((tag) => tag !== language) || language;
  }

  /** @param {string} tag */
  function speak(tag) {
    language = tag;
    const address = new URLSearchParams(location.hash.slice(1));
    address.set("lang", tag);
    history.replaceState(null, "", `#${address}`);
  }

  /**
   * @param {string} template
   * @param {Record<string, string>} values
   * @param {string} tag
   */
  function say(template, values = {}, tag = language) {
    const sentence = catalogues[tag][template] ?? template;
    return sentence.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? values[name] : whole));
  }

  /** @param {number | null | undefined} value */
  function number(value, digits = 0) {
    if (value === null || value === undefined) return MISSING;
    return value.toLocaleString(language, { minimumFractionDigits: digits, maximumFractionDigits: digits });
  }

  /**
   * @param {number | null} least
   * @param {number | null} most
   */
  function span(least, most) {
    return least === null ? MISSING : `${number(least)}–${number(most)}`;
  }

  /**
   * Return a number of households; those that nobody counted are never shown as a fact.
   *
   * @param {number | null} count
   * @param {unknown} range or any other sign of an estimate
   */
  function households(count, range) {
    return range ? say("≈ {count}", { count: number(count) }) : number(count);
  }

  /** @param {HouseholdRange | null | undefined} range */
  function estimated(range) {
    return range ? say("estimated {span}", { span: span(...range) }) : "";
  }

  /**
   * Return households, perhaps estimated, and buildings, in the right number.
   *
   * @param {number} people
   * @param {boolean} estimate
   * @param {number} buildings
   */
  function counts(people, estimate, buildings) {
    const told =
      people === 1 && !estimate
        ? say("1 household")
        : say("{count} households", { count: households(people, estimate) });
    return [told, buildings === 1 ? say("1 building") : say("{count} buildings", { count: number(buildings) })];
  }

  /**
   * Fill in the texts that stand in the page itself: data-say is the text, data-say-label the name of a control.
   *
   * @param {ParentNode} root
   */
  function label(root) {
    for (const node of root.querySelectorAll("[data-say]")) node.textContent = say(node.getAttribute("data-say") ?? "");
    for (const node of root.querySelectorAll("[data-say-label]")) {
      const name = say(node.getAttribute("data-say-label") ?? "");
      node.setAttribute("aria-label", name);
      if (node instanceof HTMLButtonElement) node.title = name;
    }
  }

  return {
    MISSING,
    learn,
    fromAddress,
    other,
    speak,
    say,
    number,
    span,
    households,
    estimated,
    counts,
    label,
    current: () => language,
  };
})();
