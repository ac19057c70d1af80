// <tp-menu>: places a popover under its button and gives it a menu's keys. Opening, Esc and click-away are the browser's.
import { define, Island } from "./island";

const GAP = 6;

class Menu extends Island {
  #typed = "";
  #timer = 0;

  protected connect(): void {
    this.listen<ToggleEvent>(this, "toggle", (event) => this.#toggled(event), { capture: true });
    this.listen<KeyboardEvent>(this, "keydown", (event) => this.#key(event));
    this.listen<MouseEvent>(this, "click", (event) => {
      const item = (event.target as Element).closest(".menu-item, .nav-link, [data-close]");
      if (item && !item.hasAttribute("data-keep")) this.#list()?.hidePopover();
    });
    const sized = new ResizeObserver(() => this.#place()); // what it holds may come later
    const list = this.#list();
    if (list) sized.observe(list);
    this.ended.addEventListener("abort", () => sized.disconnect());
    this.listen(window, "resize", () => this.#place());
    this.listen(window, "scroll", () => this.#place(), { capture: true, passive: true });
  }

  #list(): HTMLElement | null {
    return this.find<HTMLElement>("[popover]");
  }

  #button(): HTMLElement | null {
    const id = this.#list()?.id;
    return id ? document.querySelector<HTMLElement>(`[popovertarget="${CSS.escape(id)}"]`) : null;
  }

  #items(): HTMLElement[] {
    return [...this.querySelectorAll<HTMLElement>('[role^="menuitem"]:not(:disabled)')].filter((item) => item.offsetParent !== null);
  }

  #toggled(event: ToggleEvent): void {
    const open = event.newState === "open";
    this.#button()?.setAttribute("aria-expanded", String(open));
    if (!open) return;
    this.#place();
    if (this.#list()?.getAttribute("role") === "menu") (this.#items()[0] ?? this.#list())?.focus({ preventScroll: true });
  }

  /** Below the button, or above where there is more room; never outside the window. A phone shows a sheet instead. */
  #place(): void {
    const list = this.#list();
    const button = this.#button();
    if (!list?.matches(":popover-open") || !button || matchMedia("(max-width: 47.99rem)").matches) return;
    const at = (button.closest(".date-box") ?? button).getBoundingClientRect();
    const { offsetWidth: width, offsetHeight: height } = list;
    const below = innerHeight - at.bottom - GAP;
    const top = below >= height || below >= at.top ? at.bottom + GAP : at.top - GAP - height;
    const left = at.left + width <= innerWidth - GAP ? at.left : at.right - width;
    list.style.top = `${Math.max(GAP, Math.min(top, innerHeight - height - GAP))}px`;
    list.style.left = `${Math.max(GAP, left)}px`;
  }

  #key(event: KeyboardEvent): void {
    const list = this.#list();
    if (event.target === this.#button() && ["ArrowDown", "ArrowUp"].includes(event.key)) {
      event.preventDefault();
      list?.showPopover();
      return;
    }
    if (list?.getAttribute("role") !== "menu" || !list.matches(":popover-open") || event.isComposing) return;
    const items = this.#items();
    const at = items.indexOf(document.activeElement as HTMLElement);
    const to: Record<string, number> = { ArrowDown: at + 1, ArrowUp: at < 1 ? items.length - 1 : at - 1, Home: 0, End: items.length - 1 };
    const next = to[event.key];
    if (next !== undefined) {
      event.preventDefault();
      items[next % items.length]?.focus();
    } else if (event.key === "Tab") {
      list.hidePopover();
    } else if (event.key.length === 1 && event.key !== " " && !event.ctrlKey && !event.metaKey) {
      this.#search(event.key, items, at);
    }
    if (event.key !== "Escape") event.stopPropagation();
  }

  #search(key: string, items: HTMLElement[], at: number): void {
    window.clearTimeout(this.#timer);
    this.#typed += key.toLowerCase();
    this.#timer = window.setTimeout(() => { this.#typed = ""; }, 600);
    const turned = [...items.slice(at + 1), ...items.slice(0, at + 1)];
    turned.find((item) => item.textContent?.trim().toLowerCase().startsWith(this.#typed))?.focus();
  }
}

define("tp-menu", Menu);
