// A form that is sent once: its button rests until there is an answer, and says that something is going on.
function rest(form, resting) {
  for (const button of form.querySelectorAll("button")) button.disabled = resting;
  const said = form.querySelector(".progress-note");
  if (said) said.hidden = !resting;
}

for (const form of document.querySelectorAll("form[data-submit-once]")) {
  form.addEventListener("submit", () => rest(form, true));
  addEventListener("pageshow", () => rest(form, false)); // come back to by the browser's own button
}
