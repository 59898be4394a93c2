// Forms that take long: their buttons are disabled until the answer comes, and a note tells that work is going on.
import { listElements } from "./dom.js";

/**
 * @param {HTMLFormElement} form
 * @param {boolean} isSubmitting
 */
function setSubmitting(form, isSubmitting) {
  for (const button of form.querySelectorAll("button")) button.disabled = isSubmitting;
  const note = form.querySelector(".progress-note");
  if (note instanceof HTMLElement) note.hidden = !isSubmitting;
}

for (const form of listElements("form[data-submit-once]", HTMLFormElement)) {
  form.addEventListener("submit", () => setSubmitting(form, true));
  // The back button of the browser restores the page as it was.
  addEventListener("pageshow", () => setSubmitting(form, false));
}
