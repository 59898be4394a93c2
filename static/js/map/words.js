// Texts of the page in every language it speaks, and the one that is spoken now.
"use strict";

const gridmap = {};

gridmap.words = (function () {
  const MISSING = "–";
  let catalogues = Object.create(null);
  let language = "en";

  function learn(given, fallback) {
    Object.assign(catalogues, given);
    language = fromAddress() || fallback;
  }

  function fromAddress() {
    const asked = new URLSearchParams(location.hash.slice(1)).get("lang");
    return asked in catalogues ? asked : null;
  }

  function other() {
    return Object.keys(catalogues).find((tag) => tag !== language) || language;
  }

  function speak(tag) {
    language = tag;
    const address = new URLSearchParams(location.hash.slice(1));
    address.set("lang", tag);
    history.replaceState(null, "", "#" + address);
  }

  function say(template, values = {}, tag = language) {
    const sentence = catalogues[tag][template] ?? template;
    return sentence.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? values[name] : whole));
  }

  function number(value, digits = 0) {
    if (value === null || value === undefined) return MISSING;
    return value.toLocaleString(language, { minimumFractionDigits: digits, maximumFractionDigits: digits });
  }

  function span(least, most) {
    return least === null ? MISSING : `${number(least)}–${number(most)}`;
  }

  // Households that nobody counted are never told as a fact.
  function households(count, range) {
    return range ? say("≈ {count}", { count: number(count) }) : number(count);
  }

  function estimated(range) {
    return range ? say("estimated {span}", { span: span(...range) }) : "";
  }

  // Households, perhaps estimated, and buildings, in the right number.
  function counts(people, estimate, buildings) {
    const told = people === 1 && !estimate ? say("1 household") : say("{count} households", { count: households(people, estimate) });
    return [told, buildings === 1 ? say("1 building") : say("{count} buildings", { count: number(buildings) })];
  }

  // Texts that stand in the page itself: data-say is the text, data-say-label the name of a control.
  function label(root) {
    root.querySelectorAll("[data-say]").forEach((node) => (node.textContent = say(node.dataset.say)));
    root.querySelectorAll("[data-say-label]").forEach((node) => {
      node.setAttribute("aria-label", say(node.dataset.sayLabel));
      if (node.matches("button")) node.title = say(node.dataset.sayLabel);
    });
  }

  return { MISSING, learn, fromAddress, other, speak, say, number, span, households, estimated, counts, label, current: () => language };
})();
