// <tp-toasts>: messages with Undo. Listens to the event "toast" (an answer's HX-Trigger, or an island), shows the
// messages embedded in the page, and gives Ctrl+Z the last undo.
import { csrfToken } from "./htmx";
import { t } from "./i18n";
import { announce, define, element, icon, Island, isTyping } from "./island";
import { refreshMain } from "./refresh";
import type { Toast } from "./toast";

const WITH_UNDO_MS = 8000;
const PLAIN_MS = 5000;
const MOST = 3;

class Toasts extends Island {
  #undo: { token: string; box: HTMLElement } | null = null;

  protected connect(): void {
    this.listen<CustomEvent<Toast>>(document, "toast", (event) => this.#show(event.detail));
    this.listen<KeyboardEvent>(document, "keydown", (event) => this.#key(event));
    this.listen<MouseEvent>(document, "click", (event) => {
      const given = (event.target as Element).closest<HTMLElement>("[data-toast]")?.dataset.toast;
      if (given) this.#show(JSON.parse(given) as Toast);
    });
    for (const message of this.querySelectorAll<HTMLElement>("p[hidden]")) {
      this.#show({ message: message.textContent ?? "", kind: message.dataset.kind ?? "info" });
      message.remove();
    }
  }

  #show(detail: Toast): void {
    const bad = detail.kind === "error" || detail.kind === "warning";
    const sign = bad ? icon("circle-alert") : icon("check");
    const text = element("span", { class: "toast-text" }, detail.hint ? `${detail.message} ${detail.hint}` : detail.message);
    // The same trouble told again (a page that asks every second) replaces itself instead of piling up.
    if (!detail.undo) for (const shown of [...this.children]) if (shown.querySelector(".toast-text")?.textContent === text.textContent) shown.remove();
    const box = element("div", { class: `toast ${bad ? "bad" : "good"}` }, sign, text);
    if (detail.undo) {
      const button = element("button", { type: "button", class: "btn btn-quiet btn-sm toast-act" }, t("Undo"));
      const { undo } = detail;
      button.addEventListener("click", () => void this.#take(undo, box));
      box.append(button);
      this.#undo = { token: undo, box };
    }
    const close = element("button", { type: "button", class: "btn btn-quiet btn-sm btn-icon", "aria-label": t("Close") }, icon("x"));
    close.addEventListener("click", () => this.#remove(box));
    box.append(close);
    this.append(box);
    while (this.childElementCount > MOST) this.firstElementChild?.remove();
    this.#raise();
    announce(text.textContent ?? "");
    this.#expire(box, detail.undo || bad ? WITH_UNDO_MS : PLAIN_MS);
  }

  /** Into the top layer again, above a dialog that was opened later. */
  #raise(): void {
    if (!("showPopover" in this)) return;
    if (this.matches(":popover-open")) this.hidePopover();
    this.showPopover();
  }

  /** The clock stops while the pointer or the focus rests on the message. */
  #expire(box: HTMLElement, ms: number): void {
    let timer = 0;
    const start = () => { timer = window.setTimeout(() => this.#remove(box), ms); };
    const stop = () => window.clearTimeout(timer);
    for (const type of ["pointerenter", "focusin"]) box.addEventListener(type, stop);
    for (const type of ["pointerleave", "focusout"]) box.addEventListener(type, () => { stop(); start(); });
    start();
  }

  #remove(box: HTMLElement): void {
    box.remove();
    if (this.#undo?.box === box) this.#undo = null;
    if (!this.childElementCount && this.matches(":popover-open")) this.hidePopover();
  }

  #key(event: KeyboardEvent): void {
    const isUndo = (event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey && event.key.toLowerCase() === "z";
    if (!isUndo || isTyping(event) || !this.#undo) return;
    event.preventDefault();
    void this.#take(this.#undo.token, this.#undo.box);
  }

  async #take(token: string, box: HTMLElement): Promise<void> {
    this.#remove(box);
    const body = new URLSearchParams({ token });
    const headers = { "X-CSRFToken": csrfToken(), "HX-Request": "true" };
    try {
      const answer = await fetch(this.dataset.undo ?? "/undo/", { method: "POST", body, headers, credentials: "same-origin", keepalive: true });
      if (answer.redirected) { location.assign(answer.url); return; } // signed out meanwhile: to the sign-in page
      const triggers = JSON.parse(answer.headers.get("HX-Trigger") ?? "{}") as { toast?: Toast };
      if (triggers.toast) this.#show(triggers.toast);
      else if (!answer.ok) this.#show({ message: t("This could not be undone."), kind: "error" });
      if (answer.ok) await refreshMain();
    } catch {
      this.#show({ message: t("No connection."), hint: t("Nothing was changed."), kind: "error" });
    }
  }
}

define("tp-toasts", Toasts);
