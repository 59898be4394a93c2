// A report on a bad network: what was written stays on the page and is sent when there is a connection. Sending the same
// report twice stores one, so whoever hears no answer may always send again.
const form = document.getElementById("report"), told = document.querySelector(".unsent");
const button = form?.querySelector(".sticky-action button");
let waiting = false;

async function send() {
  button.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(form.action, { method: "POST", body: new FormData(form) });
    if (answer.ok && answer.redirected) location.assign(answer.url);
    else HTMLFormElement.prototype.submit.call(form); // the page that says what is wrong
  } catch {
    waiting = true;
    told.hidden = false;
    button.removeAttribute("aria-busy");
    told.scrollIntoView({ block: "center" });
  }
}

form?.addEventListener("submit", (event) => {
  event.preventDefault();
  event.stopPropagation();
  if (!button.hasAttribute("aria-busy")) send();
});
addEventListener("online", () => { if (waiting) send(); });
