// Saving of a draft while it is drawn: a little after each change, again when the network is back, and never over what
// somebody else saved meanwhile. What is not saved yet stays in this browser.

const DELAY_MS = 1000;
const RETRY_MS = 8000;

export class Autosave {
  /**
   * @param {{saveUrl: string, storageKey: string, version: number, listShapes: () => TracedShape[]}} options
   * @param {{onSaved: (draft: DraftValues) => void, onState: (state: SaveState, problem?: string) => void}} handlers
   */
  constructor({ saveUrl, storageKey, version, listShapes }, { onSaved, onState }) {
    this.saveUrl = saveUrl;
    this.storageKey = storageKey;
    this.version = version;
    this.listShapes = listShapes;
    this.onSaved = onSaved;
    this.onState = onState;
    this.isDirty = false;
    this.isSaving = false;
    this.isBlocked = false;
    /** @type {number | undefined} */
    this.timer = undefined;
    addEventListener("online", () => this.save());
    addEventListener("focus", () => this.save());
    document.addEventListener("visibilitychange", () => document.hidden && this.save());
    addEventListener("beforeunload", (event) => {
      if (this.isDirty) event.preventDefault();
    });
  }

  /** Take note of a change. */
  schedule() {
    this.isDirty = true;
    this.backUp();
    if (this.isBlocked) return;
    this.onState("unsaved");
    this.saveAfter(DELAY_MS);
  }

  /** @param {number} delay */
  saveAfter(delay) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.save(), delay);
  }

  /** Save now, unless nothing changed or a conflict waits for a decision. */
  async save() {
    if (!this.isDirty || this.isSaving || this.isBlocked) return;
    clearTimeout(this.timer);
    [this.isSaving, this.isDirty] = [true, false];
    this.onState("saving");
    const problem = await this.send();
    this.isSaving = false;
    if (problem) {
      this.isDirty = true;
      this.onState(problem.state, problem.text);
      this.isBlocked = problem.state === "conflict" || problem.state === "refused";
      if (!this.isBlocked) this.saveAfter(RETRY_MS);
    } else if (this.isDirty) this.saveAfter(DELAY_MS);
    else this.forgetBackup();
  }

  /** @returns {Promise<{state: SaveState, text?: string} | null>} */
  async send() {
    try {
      const response = await postJson(this.saveUrl, { version: this.version, shapes: this.listShapes() });
      if (!response) return { state: "signedOut" };
      const answer = await response.json();
      if (response.status === 409 && answer.conflict) {
        this.storedVersion = answer.version;
        return { state: "conflict", text: answer.problem };
      }
      if (!response.ok) return { state: "refused", text: answer.problem };
      this.version = answer.version;
      this.onSaved(answer);
      this.onState("saved");
      return null;
    } catch {
      return { state: "offline" };
    }
  }

  /** Decide a conflict for what is drawn here. */
  replaceStored() {
    this.version = this.storedVersion ?? this.version;
    this.isBlocked = false;
    this.save();
  }

  /** Go on from a draft that the server has stored. @param {DraftValues} draft */
  takeStored(draft) {
    this.version = draft.version;
    this.isDirty = false;
    this.isBlocked = false;
    this.forgetBackup();
    this.onState("saved");
  }

  backUp() {
    try {
      localStorage.setItem(this.storageKey, JSON.stringify({ version: this.version, shapes: this.listShapes() }));
    } catch {
      // a full or forbidden storage: the next save has it
    }
  }

  forgetBackup() {
    localStorage.removeItem(this.storageKey);
  }

  /** @returns {{version: number, shapes: TracedShape[]} | null} */
  readBackup() {
    try {
      return JSON.parse(localStorage.getItem(this.storageKey) ?? "null");
    } catch {
      return null;
    }
  }
}

/**
 * Send JSON; return null where the session has ended, so that a page to sign in is answered.
 *
 * @param {string} url
 * @param {object} content
 */
export async function postJson(url, content) {
  const token = document.querySelector("meta[name=csrf-token]")?.getAttribute("content") ?? "";
  const headers = { "Content-Type": "application/json", "X-CSRFToken": token, Accept: "application/json" };
  const response = await fetch(url, { method: "POST", headers, body: JSON.stringify(content) });
  const isJson = response.headers.get("Content-Type")?.includes("json");
  if (!isJson && response.status >= 500) throw new Error(String(response.status));
  return isJson ? response : null;
}
