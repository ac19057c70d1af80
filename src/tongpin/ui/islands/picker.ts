// <tp-picker>: a combobox over a JSON source; the server matches names, pinyin and initials. One or many values,
// each a chip with a hidden field.
import { t } from "./i18n";
import { announce, define, element, icon, Island } from "./island";

interface Choice {
  id: string;
  title: string;
  hint?: string;
}

interface Answered {
  ctx: { response?: { status: number }; sourceElement?: Element };
}

const WAIT_MS = 120;

class Picker extends Island {
  #choices: Choice[] = [];
  #at = -1;
  #timer = 0;
  #asked: AbortController | null = null;
  #pressed = false;
  #leaving = false;

  protected connect(): void {
    this.listen<InputEvent>(this, "input", (event) => { if (!event.isComposing && event.target === this.#input()) this.#ask(WAIT_MS); });
    this.listen(this, "compositionend", () => this.#ask(0));
    this.listen<FocusEvent>(this, "focusin", (event) => { if (event.target === this.#input() && this.#wantsMore()) this.#ask(0); });
    this.listen<FocusEvent>(this, "focusout", (event) => { if (!this.contains(event.relatedTarget as Node | null)) this.#leave(); });
    this.listen(document, "pointerdown", () => { this.#pressed = true; }, { capture: true });
    for (const end of ["pointerup", "pointercancel"]) this.listen(document, end, () => this.#released(), { capture: true });
    this.listen<KeyboardEvent>(this, "keydown", (event) => this.#key(event));
    this.listen<PointerEvent>(this, "pointerdown", (event) => {
      const option = (event.target as Element).closest<HTMLElement>("[data-at]");
      if (!option) return;
      event.preventDefault(); // the focus stays in the field
      this.#choose(Number(option.dataset.at));
    });
    this.listen<CustomEvent<Answered>>(document, "htmx:before:swap", (event) => this.#answered(event.detail.ctx));
    this.listen<MouseEvent>(this, "click", (event) => {
      const target = event.target as Element;
      const chip = target.closest("button")?.closest<HTMLElement>(".combo-chip");
      if (chip) this.#drop(chip);
      else if (target.closest(".combo-values")) this.#input()?.focus();
    });
  }

  #input(): HTMLInputElement | null { return this.find<HTMLInputElement>('[role="combobox"]'); }
  #list(): HTMLElement | null { return this.find<HTMLElement>('[role="listbox"]'); }
  #chips(): HTMLElement[] { return [...this.querySelectorAll<HTMLElement>(".combo-chip")]; }

  /** Who has chosen the one value and comes back to the field is not shown the others unasked. */
  #wantsMore(): boolean { return this.hasAttribute("data-multiple") || !this.#chips().length; }

  /** The list goes when the pointer is up again: closing moves what is below it, and a press there would miss. */
  #leave(): void {
    this.#leaving = this.#pressed;
    if (!this.#pressed) this.#close();
  }

  #released(): void {
    this.#pressed = false;
    if (!this.#leaving) return;
    this.#leaving = false;
    window.setTimeout(() => { if (!this.contains(document.activeElement)) this.#close(); }); // after the click
  }

  #ask(wait: number): void {
    window.clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => void this.#fetch(), wait);
  }

  async #fetch(): Promise<void> {
    const input = this.#input();
    if (!input || document.activeElement !== input) return;
    this.#asked?.abort();
    this.#asked = new AbortController();
    const url = new URL(this.dataset.source ?? "", location.href);
    url.searchParams.set("q", input.value.trim());
    try {
      const answer = await fetch(url, { signal: this.#asked.signal, headers: { Accept: "application/json" } });
      if (answer.ok) this.#show(((await answer.json()) as { items: Choice[] }).items);
    } catch {
      // Aborted by the next letter, or offline: what is listed stays.
    }
  }

  #show(choices: Choice[]): void {
    const list = this.#list();
    const input = this.#input();
    if (!list || !input) return;
    const chosen = new Set(this.#chips().map((chip) => chip.dataset.value));
    this.#choices = choices;
    this.#at = -1;
    const options = choices.map((choice, at) => {
      const on = chosen.has(choice.id);
      const option = element("div", { class: "combo-option", role: "option", id: `${list.id}-${at}`, "data-at": String(at), "aria-selected": String(on) },
        element("span", { class: "truncate" }, choice.title));
      if (choice.hint) option.append(element("span", { class: "combo-hint" }, choice.hint));
      if (on) option.append(icon("check"));
      return option;
    });
    list.replaceChildren(...(options.length ? options : [element("div", { class: "combo-none" }, t("Nobody and nothing fits."))]));
    list.hidden = false;
    input.setAttribute("aria-expanded", "true");
    if (options.length && input.value) this.#mark(0);
  }

  #close(): void {
    window.clearTimeout(this.#timer);
    this.#asked?.abort(); // an answer still on its way must not open it again
    const list = this.#list();
    if (list) list.hidden = true;
    this.#input()?.setAttribute("aria-expanded", "false");
    this.#input()?.removeAttribute("aria-activedescendant");
  }

  #mark(at: number): void {
    const list = this.#list();
    list?.querySelector("[data-active]")?.removeAttribute("data-active");
    this.#at = at;
    const option = list?.querySelector(`[data-at="${at}"]`);
    option?.setAttribute("data-active", "");
    option?.scrollIntoView({ block: "nearest" });
    if (option) this.#input()?.setAttribute("aria-activedescendant", option.id);
  }

  #choose(at: number): void {
    const choice = this.#choices[at];
    const input = this.#input();
    if (!choice || !input) return;
    const there = this.#chips().find((chip) => chip.dataset.value === choice.id);
    if (there && this.hasAttribute("data-multiple")) return this.#drop(there);
    if (!this.hasAttribute("data-multiple")) for (const chip of this.#chips()) chip.remove();
    const remove = element("button", { type: "button", "aria-label": t("Remove {name}", { name: choice.title }) }, icon("x"));
    const field = element("input", { type: "hidden", name: this.dataset.name ?? "", value: choice.id });
    input.before(element("span", { class: "combo-chip", "data-value": choice.id }, element("span", { class: "truncate" }, choice.title), remove, field));
    input.value = "";
    announce(choice.title);
    this.#changed();
    if (this.hasAttribute("data-multiple")) this.#ask(0);
    else this.#close();
  }

  #drop(chip: HTMLElement): void {
    chip.remove();
    this.#input()?.focus();
    this.#changed();
    this.#ask(0);
  }

  /** What was chosen has been sent and taken: from here on the server's word counts again. */
  #answered({ response, sourceElement }: Answered["ctx"]): void {
    const status = response?.status ?? 0;
    if (sourceElement?.contains(this) && status >= 200 && status < 300) this.removeAttribute("hx-morph-skip");
  }

  #changed(): void {
    this.setAttribute("hx-morph-skip", ""); // what was chosen here outlives a refresh of the page
    const values = this.#chips().map((chip) => chip.dataset.value);
    this.dispatchEvent(new CustomEvent("change", { bubbles: true, detail: { values } }));
  }

  #key(event: KeyboardEvent): void {
    const input = this.#input();
    if (event.isComposing || event.keyCode === 229 || event.target !== input) return;
    const open = this.#list()?.hidden === false;
    const count = this.#choices.length;
    if (event.key === "Escape" && !open) this.#close();
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (!open) this.#ask(0);
      else if (count) this.#mark((this.#at + (event.key === "ArrowDown" ? 1 : -1) + count) % count);
    } else if (event.key === "Enter" && open && this.#at >= 0) {
      event.preventDefault();
      this.#choose(this.#at);
    } else if (event.key === "Escape" && open) {
      event.preventDefault();
      event.stopPropagation();
      this.#close();
    } else if (event.key === "Backspace" && !input?.value) {
      const last = this.#chips().at(-1);
      if (last) this.#drop(last);
    }
  }
}

define("tp-picker", Picker);
