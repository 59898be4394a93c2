// Answers to reports that a phone sends: what each means, and how long to wait before the next attempt.
import assert from "node:assert/strict";
import { test } from "node:test";
import { classifyAnswer, retryPause, sendTimeout, summarise } from "../../static/js/reports/answers.js";

test("pauses double from two seconds to a minute", () => {
  assert.deepEqual([0, 1, 2, 3, 5, 6, 60].map(retryPause), [2000, 2000, 4000, 8000, 32_000, 60_000, 60_000]);
});

test("an upload that hangs is given up after 15 s, and later where there is more to send", () => {
  assert.deepEqual([0, 900_000].map(sendTimeout), [15_000, 105_000]);
});

test("only JSON of this service says that a report is stored or refused", () => {
  const cases = [
    [201, true, "sent"],
    [200, true, "sent"],
    [200, false, "signedOut"], // the page to sign in
    [303, false, "signedOut"],
    [401, true, "signedOut"],
    [403, true, "signedOut"],
    [422, true, "refused"],
    [422, false, "unreachable"],
    [413, false, "tooLarge"],
    [409, true, "otherAccount"],
    [400, true, "unreachable"], // the token is of an earlier session; the next attempt gets a new one
    [429, true, "unreachable"],
    [500, true, "unreachable"],
    [503, false, "unreachable"],
    [0, false, "unreachable"],
  ];
  for (const [status, isJson, outcome] of cases) assert.equal(classifyAnswer(status, isJson), outcome, `${status}`);
});

test("the queue tells how many wait and why", () => {
  const reports = ["waiting", "waiting", "refused", "sent"].map((state) => ({ state }));
  assert.deepEqual(summarise(reports, "unreachable"), { waiting: 2, refused: 1, note: "waiting" });
  assert.equal(summarise(reports, "signedOut").note, "signedOut");
  assert.equal(summarise(reports, "otherAccount").note, "otherAccount");
  assert.equal(summarise(reports.slice(2), "idle").note, "refused");
  assert.equal(summarise(reports.slice(3), "idle").note, "sent");
});
