// <tp-bulk for="rows">: the bar that appears while rows are selected. Shift-click selects a range; Esc clears.
import { tn } from "./i18n";
import { define, Island } from "./island";

class Bulk extends Island {
  #last = -1;

  protected connect(): void {
    this.listen<MouseEvent>(document, "click", (event) => this.#click(event));
    this.listen(document, "change", () => this.#count());
    this.listen(document, "htmx:after:swap", () => this.#count());
    this.listen<KeyboardEvent>(document, "keydown", (event) => {
      if (event.key === "Escape" && this.#chosen().length && !document.querySelector("dialog[open], :popover-open")) this.#clear();
    });
  }

  #boxes(): HTMLInputElement[] {
    const rows = document.getElementById(this.getAttribute("for") ?? "");
    return rows ? [...rows.querySelectorAll<HTMLInputElement>("input[data-bulk]")] : [];
  }

  #chosen(): HTMLInputElement[] {
    return this.#boxes().filter((box) => box.checked);
  }

  #click(event: MouseEvent): void {
    const target = event.target as Element;
    if (target.closest("[data-clear]") && this.contains(target)) return this.#clear();
    const all = target.closest<HTMLInputElement>("input[data-bulk-all]");
    if (all?.closest("table, section")?.contains(document.getElementById(this.getAttribute("for") ?? ""))) {
      for (const box of this.#boxes()) box.checked = all.checked;
      return this.#count();
    }
    const boxes = this.#boxes();
    const at = boxes.indexOf(target as HTMLInputElement);
    if (at < 0) return;
    if (event.shiftKey && this.#last >= 0) {
      const on = boxes[at]?.checked ?? false;
      for (const box of boxes.slice(Math.min(at, this.#last), Math.max(at, this.#last) + 1)) box.checked = on;
      this.#count();
    }
    this.#last = at;
  }

  #clear(): void {
    for (const box of this.#boxes()) box.checked = false;
    this.#count();
  }

  /** The bar's form gets the chosen ids as hidden fields, so that it posts wherever it stands. */
  #count(): void {
    const chosen = this.#chosen();
    const bar = this.find<HTMLElement>(".bulk");
    if (!bar) return;
    bar.hidden = chosen.length === 0;
    const label = bar.querySelector(".bulk-count");
    if (label) label.textContent = tn("{n} selected", "{n} selected", chosen.length);
    for (const old of bar.querySelectorAll("input[data-copy]")) old.remove();
    for (const box of chosen) {
      const copy = Object.assign(document.createElement("input"), { type: "hidden", name: box.name, value: box.value });
      copy.setAttribute("data-copy", "");
      bar.append(copy);
    }
  }
}

define("tp-bulk", Bulk);
