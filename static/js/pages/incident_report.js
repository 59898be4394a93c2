// Reporting an incident on a bad network: the form stays on the page and is sent when there is a connection. Sending a
// report twice stores one incident, so a report without an answer may always be sent again.
const form = document.getElementById("report"), unsentAlert = document.querySelector(".unsent");
const button = form?.querySelector(".sticky-action button");
const timeField = form?.querySelector("[data-present-time]");
const openedAt = Date.now();
let isPending = false;

// The time of the event is that of the first attempt to send it, unless another one was entered. It is counted from the
// server's time at the opening of the page, so that neither the clock nor the time zone of the phone matters.
function fillPresentTime() {
  if (!timeField || !("presentTime" in timeField.dataset)) return;
  const opened = new Date(`${timeField.value}Z`);
  if (Number.isNaN(opened.getTime())) return;
  timeField.value = new Date(opened.getTime() + Date.now() - openedAt).toISOString().slice(0, 16);
  delete timeField.dataset.presentTime;
}

timeField?.addEventListener("input", () => { delete timeField.dataset.presentTime; });

async function sendReport() {
  fillPresentTime();
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
