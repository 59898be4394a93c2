// Progress of a job: the page looks for it, less and less often, and loads itself again when the job has ended.
import { requireData, requireElement } from "../lib/dom.js";
import { nextDelay } from "../lib/polling.js";

const job = requireElement("#job", HTMLElement);
const note = requireElement("#job-note", HTMLElement);
const signIn = requireElement("#job-sign-in", HTMLElement);
const bar = requireElement("#job-progress", HTMLProgressElement);
const noteText = note.textContent ?? "";

/** @param {JobStatus} status */
function showStatus(status) {
  requireElement("label[for=job-progress]", HTMLElement, job).textContent = status.step;
  requireElement(".progress .number", HTMLElement, job).textContent =
    status.percent === null ? "" : `${status.percent} %`;
  if (status.percent === null) bar.removeAttribute("value");
  else bar.value = status.percent;
  const state = requireElement("#job-state .tag", HTMLElement);
  if (state.lastChild) state.lastChild.textContent = status.state_text;
}

/**
 * @param {string} text
 * @param {boolean} offersSignIn
 */
function showNote(text, offersSignIn) {
  if (note.textContent !== text) note.textContent = text;
  signIn.hidden = !offersSignIn;
}

/**
 * Look once; return the body of the answer, or an empty text where there is none.
 *
 * @returns {Promise<string>}
 */
async function lookOnce() {
  const response = await fetch(requireData(job, "statusUrl"), {
    cache: "no-cache", // the browser asks with the ETag that it has, and gets 304 while nothing has changed
    headers: { "Accept-Language": document.documentElement.lang },
  });
  if (response.redirected) {
    showNote(requireData(job, "signInText"), true);
    return "";
  }
  if (!response.ok) throw new Error(`${response.status}`);
  const body = await response.text();
  showNote(noteText, false);
  return body;
}

async function watch() {
  let [before, delay] = ["", nextDelay(0, true)];
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, delay));
    let body = "";
    try {
      body = await lookOnce();
    } catch {
      showNote(requireData(job, "offlineText"), false);
    }
    if (body) {
      /** @type {JobStatus} */
      const status = JSON.parse(body);
      if (status.is_finished) return location.reload();
      showStatus(status);
    }
    delay = nextDelay(delay, body !== "" && body !== before);
    before = body;
  }
}

watch();
