// Sending of the reports on this phone, one after the other, by one tab at a time. The server stores a report once,
// however often it is sent, so one without an answer is sent again.
import { classifyAnswer, retryPause, sendTimeout } from "./answers.js";
import { listReports, saveReport } from "./store.js";

const LOCK = "gridmap-reports";
const OTHER_TAB_MS = 1000;

/**
 * Send a request that is given up after some time.
 *
 * @param {string} url
 * @param {RequestInit} options
 * @param {number} timeout in milliseconds
 * @returns {Promise<{outcome: ReportOutcome, content: ReportAnswer}>}
 */
async function request(url, options, timeout) {
  const control = new AbortController();
  const timer = setTimeout(() => control.abort(), timeout);
  try {
    const headers = { Accept: "application/json", "Accept-Language": document.documentElement.lang };
    const response = await fetch(url, { ...options, headers, signal: control.signal, cache: "no-store" });
    const isJson = !response.redirected && (response.headers.get("Content-Type") ?? "").includes("json");
    const content = isJson ? await response.json() : {};
    return { outcome: classifyAnswer(response.status, isJson), content };
  } catch {
    return { outcome: "unreachable", content: {} };
  } finally {
    clearTimeout(timer);
  }
}

/** @param {UnsentReport} report */
function sizeOf(report) {
  return report.photos.reduce((sum, photo) => sum + photo.size, 0);
}

/**
 * @param {UnsentReport} report
 * @param {string} token
 */
function toForm(report, token) {
  const form = new FormData();
  for (const [name, value] of Object.entries(report.fields)) form.append(name, value);
  form.append("csrf_token", token);
  form.append("account", String(report.account));
  report.photos.forEach((photo, index) => {
    form.append("photos", photo, `${index + 1}.jpg`);
  });
  return form;
}

/**
 * Ask which account is signed in, and for the token to send its reports with.
 *
 * @param {string} url
 * @param {number} account
 * @returns {Promise<{outcome: ReportOutcome, token: string}>}
 */
async function fetchToken(url, account) {
  const { outcome, content } = await request(url, {}, sendTimeout(0));
  const isOther = outcome === "sent" && content.account !== account;
  return { outcome: isOther ? "otherAccount" : outcome, token: content.token ?? "" };
}

/**
 * @param {string} url
 * @param {UnsentReport} report
 * @param {string} token
 */
function postReport(url, report, token) {
  return request(url, { method: "POST", body: toForm(report, token) }, sendTimeout(sizeOf(report)));
}

/**
 * Send a report that the phone cannot store; only the outcome "sent" says that the service has it.
 *
 * @param {string} url
 * @param {UnsentReport} report
 * @returns {Promise<{outcome: ReportOutcome, content: ReportAnswer}>}
 */
export async function sendUnstored(url, report) {
  const { outcome, token } = await fetchToken(url, report.account);
  return outcome === "sent" ? postReport(url, report, token) : { outcome, content: {} };
}

export class Sender {
  /**
   * @param {string} url
   * @param {number} account
   * @param {(outcome: ReportOutcome | "idle") => void} onChange
   */
  constructor(url, account, onChange) {
    this.url = url;
    this.account = account;
    this.onChange = onChange;
    this.attempts = 0;
    /** @type {number | undefined} */
    this.timer = undefined;
    /** @type {Promise<void> | null} */
    this.running = null;
    addEventListener("online", () => this.sendNow());
    addEventListener("focus", () => this.sendNow());
    document.addEventListener("visibilitychange", () => document.hidden || this.sendNow());
  }

  /** Send what waits, and go on trying until nothing does. @returns {Promise<void>} */
  sendNow() {
    clearTimeout(this.timer);
    this.running ??= this.sendLocked().finally(() => {
      this.running = null;
    });
    return this.running;
  }

  /** Send what waits once, after what another sender of this phone is at. @returns {Promise<void>} */
  async sendAfterOthers() {
    await navigator.locks?.request(LOCK, async () => {});
    await this.sendNow();
  }

  async sendLocked() {
    if (!navigator.locks) return this.sendAll(); // without TLS; two tabs at once do no harm
    await navigator.locks.request(LOCK, { ifAvailable: true }, async (lock) => {
      if (lock) return this.sendAll();
      this.timer = setTimeout(() => this.sendNow(), OTHER_TAB_MS);
      this.onChange("idle");
    });
  }

  async sendAll() {
    /** @type {ReportOutcome | "idle"} */
    const outcome = await this.sendWaiting().catch(() => "unreachable"); // a store that fails is tried again, too
    if (outcome === "unreachable") {
      this.attempts += 1;
      this.timer = setTimeout(() => this.sendNow(), retryPause(this.attempts));
    } else this.attempts = 0;
    this.onChange(outcome);
  }

  /** @returns {Promise<ReportOutcome | "idle">} */
  async sendWaiting() {
    let token = "";
    for (;;) {
      const report = (await listReports(this.account)).find((each) => each.state === "waiting");
      if (!report) return "idle";
      if (!token) {
        const fetched = await fetchToken(this.url, this.account);
        if (fetched.outcome !== "sent") return fetched.outcome;
        token = fetched.token;
      }
      const { outcome, content } = await postReport(this.url, report, token);
      if (outcome !== "sent" && outcome !== "refused" && outcome !== "tooLarge") return outcome;
      await saveReport(settle(report, outcome, content));
      this.onChange("idle");
    }
  }
}

/**
 * Return a report after its answer: sent and without its photos, or refused with the faults.
 *
 * @param {QueuedReport} report
 * @param {ReportOutcome} outcome
 * @param {ReportAnswer} content
 * @returns {QueuedReport}
 */
export function settle(report, outcome, content) {
  const changedAt = Date.now();
  if (outcome === "sent") return { ...report, state: "sent", number: content.number, photos: [], changedAt };
  const { faults = [], confirmations = {} } = content;
  return { ...report, state: "refused", faults, confirmations, changedAt };
}
