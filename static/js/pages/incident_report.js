// Reporting an incident on a bad network: the form stays on the page and is sent when there is a connection. Sending a
// report twice stores one incident, so a report without an answer may always be sent again.
const form = document.getElementById("report"), unsentAlert = document.querySelector(".unsent");
const button = form?.querySelector(".sticky-action button");
let isPending = false;

async function sendReport() {
  button.setAttribute("aria-busy", "true");
  try {
    const response = await fetch(form.action, { method: "POST", body: new FormData(form) });
    if (response.ok && response.redirected) location.assign(response.url);
    else HTMLFormElement.prototype.submit.call(form); // shows the page that tells what is wrong
  } catch {
    isPending = true;
    unsentAlert.hidden = false;
    button.removeAttribute("aria-busy");
    unsentAlert.scrollIntoView({ block: "center" });
  }
}

form?.addEventListener("submit", (event) => {
  event.preventDefault();
  event.stopPropagation();
  if (!button.hasAttribute("aria-busy")) sendReport();
});
addEventListener("online", () => { if (isPending) sendReport(); });
