// A sign-out clears the phone. Reports that the server does not have are sent before; about those that cannot be sent,
// the page asks.
import { createElement, listElements, requireData, requireElement } from "../lib/dom.js";
import { formatText } from "../lib/texts.js";
import { Sender } from "./sender.js";
import { listUnsent, releaseHeld } from "./store.js";

const PATIENCE_MS = 20_000; // after which the page asks, while the sender still tries

export class SignOut {
  /** @param {HTMLFormElement} form */
  constructor(form) {
    this.form = form;
    this.account = Number(requireData(form, "account"));
    this.dialog = requireElement("#unsent-reports", HTMLDialogElement);
    this.button = requireElement("button", HTMLButtonElement, form);
    this.isBusy = false;
    /** @type {Sender | null} */
    this.sender = null;
    requireElement("[data-sign-out]", HTMLButtonElement, this.dialog).addEventListener("click", () => this.submit());
  }

  /** Send what waits, and sign out, or ask. */
  start() {
    if (this.isBusy) return;
    this.setBusy(true);
    this.finish().finally(() => this.setBusy(false));
  }

  /** @param {boolean} isBusy */
  setBusy(isBusy) {
    this.isBusy = isBusy;
    if (isBusy) this.button.setAttribute("aria-busy", "true");
    else this.button.removeAttribute("aria-busy");
  }

  async finish() {
    const unsent = await this.sendAll();
    if (unsent.length) this.ask(unsent);
    else this.submit();
  }

  /** Try to send what waits, and return what is still on this phone; nothing where nothing can be stored. */
  async sendAll() {
    try {
      await releaseHeld(this.account);
      if (!(await listUnsent()).length) return [];
      this.sender ??= new Sender(requireData(this.form, "url"), this.account, () => {});
      await Promise.race([this.sender.sendAfterOthers(), new Promise((resolve) => setTimeout(resolve, PATIENCE_MS))]);
      return await listUnsent();
    } catch {
      return [];
    }
  }

  /** @param {QueuedReport[]} unsent */
  ask(unsent) {
    const own = unsent.filter((each) => each.account === this.account);
    const rows = own.map((each) => {
      const time = each.fields.occurred_at?.replace("T", " ").slice(0, 16) ?? "";
      return createElement("li", "", [each.label, each.fields.title, time].filter(Boolean).join(" · "));
    });
    const others = unsent.length - own.length; // another account's are counted, never shown
    if (others) rows.push(createElement("li", "", formatText(requireData(this.dialog, "others"), { count: others })));
    requireElement("ul", HTMLElement, this.dialog).replaceChildren(...rows);
    for (const each of listElements("[data-template]", HTMLElement, this.dialog))
      each.textContent = formatText(requireData(each, "template"), { count: unsent.length });
    this.dialog.showModal();
  }

  submit() {
    HTMLFormElement.prototype.submit.call(this.form); // without the event: it was answered
  }
}
