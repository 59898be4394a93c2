// Reporting an incident on a bad network: the report is stored on the phone first, and sent from there. A tab that is
// closed, a session that ends or a network that fails loses nothing; the server stores each report once.
import { listElements, requireData, requireElement } from "../lib/dom.js";
import { CategoryButtons } from "../reports/category_buttons.js";
import { KnownCases } from "../reports/known.js";
import { QueuePanel } from "../reports/panel.js";
import { shrinkPhoto } from "../reports/photos.js";
import { hasPlace, setPlace, startPlace } from "../reports/place.js";
import { saveForm } from "../reports/saved_form.js";
import { Sender, sendUnstored } from "../reports/sender.js";
import { deleteReport, forgetSent, listReports, releaseHeld, saveReport } from "../reports/store.js";

const OWN_FIELDS = new Set(["csrf_token", "photos"]);
const MAX_PHOTOS = 3;
const PATIENCE_MS = 5000; // after which the form is free for the next report, while the sender goes on
const MAP_PATIENCE_MS = 3000; // for the map, which comes before what is for another time
const STORE_TRIES = 4;
const STORE_PAUSE_MS = 500;
/** @type {Partial<Record<ReportOutcome, string>>} */
const UNKEPT_TEXTS = { signedOut: "notKeptSignIn", otherAccount: "notKeptSignIn", tooLarge: "tooLarge" };
const openedAt = Date.now();

/** Return a random token for a form. */
function makeToken() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/**
 * @param {HTMLFormElement} form
 * @param {string} name
 */
function fieldOf(form, name) {
  const field = form.elements.namedItem(name);
  if (field instanceof HTMLInputElement || field instanceof HTMLSelectElement || field instanceof HTMLTextAreaElement)
    return field;
  throw new TypeError(`the form has no field ${name}`);
}

/**
 * Return the result of a call that may fail for some seconds, such as of a store that a killed browser still holds;
 * undefined if it fails each time.
 *
 * @template T
 * @param {() => Promise<T>} call
 * @returns {Promise<T | undefined>}
 */
async function retry(call) {
  for (let left = STORE_TRIES; left > 0; left -= 1) {
    try {
      return await call();
    } catch {
      await new Promise((resolve) => setTimeout(resolve, STORE_PAUSE_MS));
    }
  }
}

class ReportForm {
  /**
   * @param {HTMLFormElement} form
   * @param {HTMLElement} section of the queue
   */
  constructor(form, section) {
    this.form = form;
    this.section = section;
    this.account = Number(requireData(section, "account"));
    this.button = requireElement(".sticky-action button", HTMLButtonElement, form);
    this.refusal = requireElement("[data-refusal]", HTMLElement, form);
    this.sendLabel = this.button.textContent;
    this.panel = new QueuePanel(section, {
      onConfirm: (report) => this.sendAgain({ ...report, fields: { ...report.fields, ...report.confirmations } }),
      onMend: (report) => this.fill(report),
      onDelete: (report) => deleteReport(report.key).then(() => this.refresh("idle")),
    });
    this.sender = new Sender(requireData(section, "url"), this.account, (outcome) => this.refresh(outcome));
    /** @type {number | undefined} */
    this.key = undefined; // of the report on the phone that the form mends
    this.isTimeEntered = form.querySelector("[data-present-time]") === null;
    fieldOf(form, "occurred_at").addEventListener("input", () => {
      this.isTimeEntered = true;
    });
    this.settled.addEventListener("change", () => this.settled.checked && fieldOf(form, "result").focus());
    new CategoryButtons(this.category, requireElement(".category-buttons", HTMLElement, form));
    this.known = new KnownCases(form, requireData(section, "knownUrl"), () => this.mayBeKnown);
    this.takePosition = startPlace(form);
    form.addEventListener("submit", (event) => this.onSubmit(event));
  }

  get settled() {
    return requireElement("[name=settled]", HTMLInputElement, this.form);
  }

  get category() {
    return requireElement("[name=category]", HTMLSelectElement, this.form);
  }

  /** Return whether the report may be known already: neither one that is mended, nor one that is settled. */
  get mayBeKnown() {
    return this.key === undefined && !this.settled.checked;
  }

  /** Return what the form lacks, in the order of its steps. */
  listMissing() {
    const missing = [
      hasPlace(this.form) ? "" : "placeMissing",
      this.category.value ? "" : "categoryMissing",
      this.settled.checked && !fieldOf(this.form, "result").value.trim() ? "resultMissing" : "",
    ];
    return missing.filter(Boolean).map((name) => ({ field: "", problem: this.panel.texts[name] }));
  }

  /** @param {SubmitEvent} event */
  onSubmit(event) {
    event.preventDefault();
    event.stopPropagation();
    if (this.button.hasAttribute("aria-busy")) return;
    const faults = this.listMissing();
    if (faults.length) return this.showRefusal({ faults });
    this.button.setAttribute("aria-busy", "true");
    this.storeAndSend(this.known.chosen).finally(() => this.button.removeAttribute("aria-busy"));
  }

  /**
   * Fill in the time of the event: that of the moment of sending, unless another one was entered. It is counted from
   * the server's time at the opening of the page, so that neither the clock nor the time zone of the phone matters.
   */
  fillPresentTime() {
    const field = fieldOf(this.form, "occurred_at");
    const opened = new Date(`${requireData(this.section, "presentTime")}Z`);
    if (this.isTimeEntered || Number.isNaN(opened.getTime())) return;
    field.value = new Date(opened.getTime() + Date.now() - openedAt).toISOString().slice(0, 19);
  }

  /** Send a report that the phone cannot store. Until the service has it, the form keeps the words. */
  async sendAtOnce() {
    const report = await this.readReport("waiting").catch(() => undefined);
    this.isTimeEntered = true; // sent again with another time, it would be another report
    const sending = report && sendUnstored(requireData(this.section, "url"), report);
    const { outcome, content } = (await sending) ?? { outcome: "unreachable", content: {} };
    if (outcome === "sent") this.showStored(content.number);
    else if (outcome === "refused") this.showRefusal(content);
    else this.showRefusal({ faults: [{ field: "", problem: this.panel.texts[UNKEPT_TEXTS[outcome] ?? "notKept"] }] });
  }

  /**
   * Store the report, ask whether it is known already, and send it; a page that is closed meanwhile loses nothing.
   *
   * @param {string} chosen known case that the report is one of
   */
  async storeAndSend(chosen) {
    const key = await retry(() => this.store(this.mayBeKnown ? "held" : "waiting"));
    if (key === undefined) return this.sendAtOnce();
    const answer = await this.known.answer(chosen);
    if (!answer) return deleteReport(key); // back to the form, which keeps everything
    const [report] = (await listReports(this.account)).filter((each) => each.key === key);
    if (report) {
      const fields = answer === "new" ? report.fields : { ...report.fields, known_id: answer };
      await saveReport({ ...report, fields, state: "waiting" });
    }
    await this.follow(key);
  }

  /** Return the report of the form. @param {QueuedReport["state"]} state */
  async readReport(state) {
    this.fillPresentTime();
    const entries = [...new FormData(this.form)].filter(([name]) => !OWN_FIELDS.has(name));
    const files = listElements("input[type=file]", HTMLInputElement, this.form).flatMap((each) => [
      ...(each.files ?? []),
    ]);
    const kept = this.key === undefined ? [] : await this.photosOf(this.key);
    const photos = [...kept, ...(await Promise.all(files.map(shrinkPhoto)))].slice(0, MAX_PHOTOS);
    const fields = Object.fromEntries(entries.map(([name, value]) => [name, String(value)]));
    const label = this.category.selectedOptions[0]?.text ?? "";
    /** @type {UnsentReport} */
    const report = { account: this.account, fields, photos, label, state, changedAt: Date.now() };
    if (this.key !== undefined) report.key = this.key;
    return report;
  }

  /** Store the report on the phone and return its key. @param {QueuedReport["state"]} state */
  async store(state) {
    navigator.storage?.persist?.();
    return saveReport(await this.readReport(state));
  }

  /** @param {number} key */
  async photosOf(key) {
    return (await listReports(this.account)).find((each) => each.key === key)?.photos ?? [];
  }

  /**
   * Send, and show what became of the report of the form: sent, refused, or kept on the phone.
   *
   * @param {number} key
   */
  async follow(key) {
    this.key = key;
    const sent = Promise.resolve(this.sender.running).then(() => this.sender.sendNow());
    await Promise.race([sent, new Promise((resolve) => setTimeout(resolve, PATIENCE_MS))]);
    const report = (await listReports(this.account)).find((each) => each.key === key);
    if (report?.state === "sent") this.showStored(report.number);
    else if (report?.state === "refused") this.showRefusal(report);
    else this.clear();
  }

  /** Go on to the page that says that the service has the report. @param {string | undefined} number */
  showStored(number) {
    location.assign(`${requireData(this.section, "shownUrl")}?incident_number=${number}`);
  }

  /** @param {{faults?: ReportFault[], confirmations?: Record<string, string>}} refusal */
  showRefusal({ faults = [], confirmations = {} }) {
    const items = faults.map(({ problem }) => {
      const item = document.createElement("li");
      item.textContent = problem;
      return item;
    });
    requireElement("ul", HTMLElement, this.refusal).replaceChildren(...items);
    for (const [name, value] of Object.entries(confirmations)) {
      fieldOf(this.form, name).value = value;
      this.button.textContent = this.panel.texts[name] ?? this.sendLabel;
    }
    if (confirmations.time_confirmed) this.isTimeEntered = true;
    this.refusal.hidden = false;
    this.refusal.focus();
  }

  /** Clear the form for the next report. */
  clear() {
    this.key = undefined;
    this.form.reset();
    for (const name of ["time_confirmed", "numbers_confirmed"]) fieldOf(this.form, name).value = "";
    fieldOf(this.form, "form_token").value = makeToken();
    setPlace(this.form, {}, false);
    this.category.dispatchEvent(new Event("change"));
    this.isTimeEntered = false;
    this.refusal.hidden = true;
    this.button.textContent = this.sendLabel;
    this.section.scrollIntoView({ block: "center" });
    this.takePosition();
  }

  /** Put a report that was refused back into the form. @param {QueuedReport} report */
  fill(report) {
    this.clear();
    this.key = report.key;
    for (const [name, value] of Object.entries(report.fields)) {
      const field = fieldOf(this.form, name);
      if (field instanceof HTMLInputElement && field.type === "checkbox") field.checked = true;
      else field.value = value;
    }
    this.isTimeEntered = true;
    this.category.dispatchEvent(new Event("change"));
    this.form.dispatchEvent(new CustomEvent("placechange", { detail: { zoom: true } }));
    this.showRefusal(report);
    this.form.scrollIntoView({ block: "start" });
  }

  /** @param {QueuedReport} report */
  async sendAgain(report) {
    await saveReport({ ...report, state: "waiting", faults: [], confirmations: {} });
    await this.sender.sendNow();
  }

  /** @param {ReportOutcome | "idle"} outcome */
  async refresh(outcome) {
    const reports = await retry(() => listReports(this.account));
    if (!reports) return; // nothing can be stored, so nothing waits here
    this.panel.show(reports, outcome);
    // what waits comes first; what is sent makes way for the next report
    this.form[reports.every((each) => each.state === "sent") ? "after" : "before"](this.section);
  }

  /** Let the form open without network from now on. The form that the phone keeps changes nothing of it. */
  prepareOffline() {
    if (this.form.dataset.page !== "report") return;
    saveForm(this.form, this.account, requireData(this.section, "presentTime"));
    const scope = requireData(this.section, "shownUrl");
    const register = () => navigator.serviceWorker?.register(requireData(this.section, "serviceWorker"), { scope });
    setTimeout(register, MAP_PATIENCE_MS); // it fetches the files again, some of which are still on their way
  }

  /** Go on with what an earlier page left. */
  async resume() {
    const token = fieldOf(this.form, "form_token");
    if (token.value === "-") token.value = makeToken();
    this.prepareOffline();
    await retry(() => forgetSent(this.account).then(() => releaseHeld(this.account)));
    this.button.disabled = false; // before that, a browser would post the form itself, past what waits
    this.takePosition();
    await this.refresh("idle");
    await this.sender.sendNow();
  }
}

const [section] = listElements("#queue", HTMLElement);
for (const form of listElements("#report", HTMLFormElement)) new ReportForm(form, section).resume();
