// <tp-dialog>: opens a native dialog from any [data-dialog="id"], closes it by [data-close], the veil, or success.
import { define, Island } from "./island";

interface Finished {
  ctx: { response?: { status: number }; sourceElement: Element };
}

class Dialog extends Island {
  #opener: HTMLElement | null = null;

  protected connect(): void {
    this.listen<MouseEvent>(document, "click", (event) => this.#click(event));
    this.listen<CustomEvent<Finished>>(this, "htmx:finally:request", (event) => {
      const { response, sourceElement } = event.detail.ctx;
      const status = response?.status ?? 0;
      const isForm = sourceElement instanceof HTMLFormElement && !sourceElement.hasAttribute("data-stay");
      if (isForm && status >= 200 && status < 300) this.#box()?.close();
    });
    this.listen(this, "close", () => this.#opener?.focus(), { capture: true });
    if (this.hasAttribute("data-open")) this.#box()?.showModal();
  }

  #box(): HTMLDialogElement | null {
    return this.find<HTMLDialogElement>("dialog");
  }

  #click(event: MouseEvent): void {
    const target = event.target as HTMLElement;
    const box = this.#box();
    if (!box) return;
    const opener = target.closest<HTMLElement>("[data-dialog]");
    if (opener && opener.dataset.dialog === box.id) {
      this.#opener = opener;
      if (!box.open) box.showModal();
      return;
    }
    if (!this.contains(target)) return;
    if (target.closest("[data-close]") || target === box) box.close();
  }
}

define("tp-dialog", Dialog);
