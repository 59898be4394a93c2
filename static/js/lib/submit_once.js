// Forms that take long: their buttons are disabled until the answer comes, and a note says that work is going on.
import { listElements } from "./dom.js";

/**
 * @param {HTMLFormElement} form
 * @param {boolean} isSubmitting
 */
function setSubmitting(form, isSubmitting) {
  for (const button of form.querySelectorAll("button:not([data-unready])")) {
    if (button instanceof HTMLButtonElement) button.disabled = isSubmitting;
  }
  const note = form.querySelector(".progress-note");
  if (note instanceof HTMLElement) note.hidden = !isSubmitting;
}

for (const form of listElements("form[data-submit-once]", HTMLFormElement)) {
  let isSent = false;
  form.addEventListener("submit", (event) => {
    if (isSent) event.preventDefault();
    isSent = true;
    // Later, as the browser sends the name and value of the pressed button only while the button is enabled.
    setTimeout(() => setSubmitting(form, isSent));
  });
  // The back button of the browser restores the page as it was.
  addEventListener("pageshow", () => {
    isSent = false;
    setSubmitting(form, false);
  });
}
