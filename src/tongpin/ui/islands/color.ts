// <tp-color>: eight swatches as a radio group; the hidden field holds the number.
import { define, Island } from "./island";

class Color extends Island {
  protected connect(): void {
    this.listen<MouseEvent>(this, "click", (event) => {
      const swatch = (event.target as Element).closest<HTMLElement>("[data-value]");
      if (swatch) this.#choose(swatch);
    });
    this.listen<KeyboardEvent>(this, "keydown", (event) => {
      const all = this.#all();
      const at = all.indexOf(event.target as HTMLElement);
      const step: Record<string, number> = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };
      const by = step[event.key];
      if (at < 0 || by === undefined) return;
      event.preventDefault();
      const next = all[(at + by + all.length) % all.length];
      if (next) { next.focus(); this.#choose(next); }
    });
  }

  #all(): HTMLElement[] {
    return [...this.querySelectorAll<HTMLElement>("[data-value]")];
  }

  #choose(swatch: HTMLElement): void {
    for (const other of this.#all()) {
      other.setAttribute("aria-checked", String(other === swatch));
      other.tabIndex = other === swatch ? 0 : -1;
    }
    const field = this.find<HTMLInputElement>('input[type="hidden"]');
    if (!field) return;
    field.value = swatch.dataset.value ?? "";
    field.dispatchEvent(new Event("change", { bubbles: true }));
  }
}

define("tp-color", Color);
