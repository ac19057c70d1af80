// <tp-peek>: the side panel with its own address (?peek=…). It opens when something is swapped into it; closing takes
// the parameter away again and gives the focus back.
import { define, Island } from "./island";

class Peek extends Island {
  #from: HTMLElement | null = null;

  protected connect(): void {
    this.listen<MouseEvent>(document, "click", (event) => {
      const target = event.target as Element;
      const link = target.closest<HTMLElement>("[data-peek]");
      if (link) this.#from = link;
      if (this.contains(target) && target.closest("[data-close]")) this.#close();
    });
    this.listen<CustomEvent>(document, "htmx:after:swap", () => this.#look());
    this.listen<KeyboardEvent>(document, "keydown", (event) => {
      const covered = document.querySelector("dialog[open], :popover-open:not(tp-toasts)");
      if (event.key === "Escape" && !event.isComposing && !event.defaultPrevented && !covered && !this.#panel()?.hidden) this.#close();
    });
    this.#look();
  }

  #panel(): HTMLElement | null {
    return this.find<HTMLElement>("#peek");
  }

  #look(): void {
    const panel = this.#panel();
    const filled = Boolean(this.find("#peek-body")?.firstElementChild) && new URLSearchParams(location.search).has("peek");
    if (!panel || panel.hidden !== filled) return;
    panel.hidden = !filled;
    if (filled) this.find<HTMLElement>("#peek-body")?.focus({ preventScroll: true });
  }

  #close(): void {
    const panel = this.#panel();
    if (!panel || panel.hidden) return;
    panel.hidden = true;
    this.find("#peek-body")?.replaceChildren();
    const url = new URL(location.href);
    url.searchParams.delete("peek");
    history.pushState(history.state, "", url);
    if (this.#from?.isConnected) this.#from.focus();
    else document.querySelector<HTMLElement>("[data-row][data-cursor] a")?.focus();
  }
}

define("tp-peek", Peek);
