// Status of saving: a word while all is well, and what to decide where a draft could not be saved.
import { createElement, listElements, requireElement } from "../lib/dom.js";
import { formatText } from "../lib/texts.js";

const TROUBLES = ["conflict", "refused", "offline", "signedOut"];

export class SaveStatus {
  /**
   * @param {Record<string, string>} texts
   * @param {{ keepMine: () => void, takeTheirs: () => void, signIn: () => void }} decisions
   */
  constructor(texts, decisions) {
    this.texts = texts;
    this.decisions = decisions;
  }

  /**
   * @param {SaveState} state
   * @param {string} [problem]
   */
  show(state, problem) {
    const { texts } = this;
    const time = new Date().toLocaleTimeString(document.documentElement.lang, { timeStyle: "short" });
    const short = { saving: texts.saving, saved: formatText(texts.saved, { time }) }[/** @type {string} */ (state)];
    requireElement("#save-status", HTMLElement).textContent = short ?? texts.unsaved;
    const alert = requireElement("#save-alert", HTMLElement);
    alert.hidden = !TROUBLES.includes(state);
    alert.dataset.state = state;
    if (alert.hidden) return;
    const [line, buttons] = listElements("p", HTMLElement, alert);
    line.textContent = problem ?? (state === "signedOut" ? texts.signedOut : texts.offline);
    buttons.replaceChildren(...this.makeButtons(state));
  }

  /** @param {SaveState} state */
  makeButtons(state) {
    const { texts, decisions } = this;
    /** @type {Partial<Record<SaveState, [string, () => void][]>>} */
    const choices = {
      conflict: [
        [texts.keepMine, decisions.keepMine],
        [texts.takeTheirs, decisions.takeTheirs],
      ],
      signedOut: [[texts.signIn, decisions.signIn]],
    };
    return (choices[state] ?? []).map(([text, action]) => {
      const button = createElement("button", "button secondary", text);
      button.setAttribute("type", "button");
      button.addEventListener("click", action);
      return button;
    });
  }
}
