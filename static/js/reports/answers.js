// Answers to reports, and the times of sending them. No page, no network: tested by node:test.
const FIRST_PAUSE_MS = 2000;
const MAX_PAUSE_MS = 60_000;
const TIMEOUT_MS = 15_000;
const SLOWEST_BYTES_PER_MS = 10; // 10 kB/s: slower uploads are given up and tried again

/**
 * Return the milliseconds to wait before the next attempt: longer and longer, up to a minute.
 *
 * @param {number} attempts that failed since the last success
 */
export function retryPause(attempts) {
  return Math.min(FIRST_PAUSE_MS * 2 ** Math.max(attempts - 1, 0), MAX_PAUSE_MS);
}

/**
 * Return the milliseconds after which an upload that hangs is given up.
 *
 * @param {number} bytes to send
 */
export function sendTimeout(bytes) {
  return TIMEOUT_MS + bytes / SLOWEST_BYTES_PER_MS;
}

/**
 * Return what an answer means for the report that it answers.
 *
 * @param {number} status of HTTP; 0 without an answer
 * @param {boolean} isJson false where a proxy or the page to sign in answers
 * @returns {ReportOutcome}
 */
export function classifyAnswer(status, isJson) {
  if (isJson && (status === 200 || status === 201)) return "sent";
  if (status === 422 && isJson) return "refused";
  if (status === 413) return "tooLarge";
  if (status === 409 && isJson) return "otherAccount";
  if (status === 401 || status === 403 || (status >= 200 && status < 400)) return "signedOut";
  return "unreachable";
}

/**
 * Return what the queue tells: how many reports wait, and why the first of them does.
 *
 * @param {QueuedReport[]} reports
 * @param {ReportOutcome | "idle"} outcome of the last attempt
 * @returns {{waiting: number, refused: number, note: QueueNote}}
 */
export function summarise(reports, outcome) {
  const waiting = reports.filter((each) => each.state === "waiting").length;
  const refused = reports.filter((each) => each.state === "refused").length;
  if (outcome === "signedOut" && waiting) return { waiting, refused, note: "signedOut" };
  if (outcome === "otherAccount" && waiting) return { waiting, refused, note: "otherAccount" };
  if (waiting) return { waiting, refused, note: "waiting" };
  return { waiting, refused, note: refused ? "refused" : "sent" };
}
