// The form without network: its choices are those of the last page that was opened with one. The report goes to the
// same queue, and is sent when there is a network.
import { listElements, requireElement } from "../lib/dom.js";
import { readForm } from "../reports/saved_form.js";

/**
 * @param {HTMLSelectElement} list
 * @param {SavedChoice[]} choices
 */
function fillChoices(list, choices) {
  /** @type {Record<string, HTMLElement>} */
  const groups = {};
  for (const { value, text, group } of choices) {
    const option = new Option(text, value);
    if (!group) list.append(option);
    else {
      if (!groups[group]) {
        groups[group] = Object.assign(document.createElement("optgroup"), { label: group });
        list.append(groups[group]);
      }
      groups[group].append(option);
    }
  }
}

/** @param {HTMLFormElement} form @param {SavedForm} saved */
function start(form, { account, clockOffset, category, building }) {
  const section = requireElement("#queue", HTMLElement);
  section.dataset.account = String(account);
  section.dataset.presentTime = new Date(Date.now() + clockOffset).toISOString().slice(0, 19);
  const time = requireElement("[name=occurred_at]", HTMLInputElement, form);
  time.defaultValue = section.dataset.presentTime.slice(0, 16); // without seconds, as the page with the map has it
  fillChoices(requireElement("[name=category]", HTMLSelectElement, form), category);
  fillChoices(requireElement("[name=building]", HTMLSelectElement, form), building);
  import("./incident_report.js").then(() => {
    form.hidden = false; // not before its script runs, as the browser would try to post it
  });
}

const saved = readForm();
for (const form of listElements("#report", HTMLFormElement)) {
  if (saved) start(form, saved);
  else requireElement("[data-nothing-saved]", HTMLElement).hidden = false;
}
