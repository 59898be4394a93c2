// The list of the reports on this phone, with what can be done about each.
import { createElement, requireData, requireElement } from "../lib/dom.js";
import { formatText } from "../lib/texts.js";
import { summarise } from "./answers.js";

/**
 * @param {string} label
 * @param {() => void} onClick
 */
function createButton(label, onClick) {
  const button = createElement("button", "button quiet", label);
  button.setAttribute("type", "button");
  button.addEventListener("click", onClick);
  return button;
}

export class QueuePanel {
  /**
   * @param {HTMLElement} panel
   * @param {QueueHandlers} handlers
   */
  constructor(panel, handlers) {
    this.panel = panel;
    this.handlers = handlers;
    /** @type {Record<string, string>} */
    this.texts = JSON.parse(requireData(panel, "texts"));
    this.list = requireElement("[data-queue-list]", HTMLElement, panel);
    this.note = requireElement("[data-queue-note]", HTMLElement, panel);
    this.count = requireElement("[data-queue-count]", HTMLElement, panel);
  }

  /**
   * @param {QueuedReport[]} reports
   * @param {ReportOutcome | "idle"} outcome
   */
  show(reports, outcome) {
    const { waiting, refused, note } = summarise(reports, outcome);
    this.panel.hidden = reports.length === 0;
    Object.assign(this.panel.dataset, { waiting, refused, note });
    this.count.textContent = String(waiting + refused);
    this.note.textContent = formatText(this.texts[note], { count: note === "refused" ? refused : waiting });
    if (note === "signedOut") this.note.append(" ", this.createSignInLink());
    this.list.replaceChildren(...reports.map((each) => this.createRow(each)));
  }

  createSignInLink() {
    const link = document.createElement("a");
    link.href = `/sign-in?next=${encodeURIComponent(location.pathname)}`;
    link.textContent = this.texts.signIn;
    return link;
  }

  /** @param {QueuedReport} report */
  createRow(report) {
    const row = createElement("li");
    row.dataset.queued = report.state;
    const main = createElement("span", "link-main");
    main.append(createElement("strong", "", report.label), createElement("span", "muted small", this.describe(report)));
    row.append(main);
    if (report.state === "refused") row.append(...this.createButtons(report));
    return row;
  }

  /** @param {QueuedReport} report */
  describe(report) {
    const time = report.fields.occurred_at?.replace("T", " ").slice(0, 16) ?? "";
    const state = formatText(this.texts[`state_${report.state}`], { number: report.number ?? "" });
    const reasons = (report.faults ?? []).map((fault) => fault.problem);
    if (report.state === "refused" && !reasons.length) reasons.push(this.texts.tooLarge);
    return [time, state, ...reasons].filter(Boolean).join(" · ");
  }

  /** @param {QueuedReport} report */
  createButtons(report) {
    const { onConfirm, onMend, onDelete } = this.handlers;
    const buttons = [createButton(this.texts.mend, () => onMend(report))];
    if (Object.keys(report.confirmations ?? {}).length) {
      buttons.unshift(createButton(this.texts.confirm, () => onConfirm(report)));
    }
    return [...buttons, createButton(this.texts.delete, () => onDelete(report))];
  }
}
