// Reporting an incident on a bad network: the form stays on the page and is sent when there is a connection. Sending a
// report twice stores one incident, so a report without an answer may always be sent again.
import { listElements, requireElement } from "../lib/dom.js";

const openedAt = Date.now();

/**
 * Fill in the time of the event: that of the first attempt to send it, unless another one was entered. It is counted
 * from the server's time at the opening of the page, so that neither the clock nor the time zone of the phone matters.
 *
 * @param {HTMLInputElement | undefined} timeField
 */
function fillPresentTime(timeField) {
  if (!timeField || !("presentTime" in timeField.dataset)) return;
  const opened = new Date(`${timeField.value}Z`);
  if (Number.isNaN(opened.getTime())) return;
  timeField.value = new Date(opened.getTime() + Date.now() - openedAt).toISOString().slice(0, 16);
  delete timeField.dataset.presentTime;
}

/** @param {HTMLFormElement} form */
function startReport(form) {
  const button = requireElement(".sticky-action button", HTMLButtonElement, form);
  const unsentAlert = requireElement(".unsent", HTMLElement);
  const [timeField] = listElements("[data-present-time]", HTMLInputElement, form);
  let isPending = false;
  const sendReport = async () => {
    fillPresentTime(timeField);
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
  };
  timeField?.addEventListener("input", () => {
    delete timeField.dataset.presentTime;
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    event.stopPropagation();
    if (!button.hasAttribute("aria-busy")) sendReport();
  });
  addEventListener("online", () => {
    if (isPending) sendReport();
  });
}

for (const form of listElements("#report", HTMLFormElement)) startReport(form);
