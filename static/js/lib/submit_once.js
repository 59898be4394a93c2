// Forms that take long: their buttons are disabled until the answer comes, and a note tells that work is going on.

/**
 * @param {HTMLFormElement} form
 * @param {boolean} isSubmitting
 */
function setSubmitting(form, isSubmitting) {
  for (const button of form.querySelectorAll("button")) button.disabled = isSubmitting;
  const note = form.querySelector(".progress-note");
  if (note) note.hidden = !isSubmitting;
}

for (const form of document.querySelectorAll("form[data-submit-once]")) {
  form.addEventListener("submit", () => setSubmitting(form, true));
  addEventListener("pageshow", () => setSubmitting(form, false)); // the browser's back button restores the page as it was
}
