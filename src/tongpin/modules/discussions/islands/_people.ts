// The list under a box after an @: whoever sees what is discussed, by name, pinyin or initials.
import { element } from "@ui/island";
import type { Names } from "./_names";

interface Person {
  id: string;
  title: string;
  hint?: string;
}

const WAIT_MS = 100;
const ASKED = /(?:^|[^A-Za-z0-9_.])@([^\s@，。；：！？,;:!?()（）[\]]{0,20})$/;

export class People {
  #found: Person[] = [];
  #at = 0;
  #timer = 0;
  #asked: AbortController | null = null;
  readonly #host: HTMLElement;
  readonly #box: HTMLTextAreaElement;
  readonly #names: Names;

  constructor(host: HTMLElement, box: HTMLTextAreaElement, names: Names) {
    this.#host = host;
    this.#box = box;
    this.#names = names;
    box.addEventListener("input", (event) => { if (!(event as InputEvent).isComposing) this.#look(); });
    box.addEventListener("compositionend", () => this.#look());
    box.addEventListener("blur", () => this.#close());
    this.#list()?.addEventListener("pointerdown", (event) => {
      const option = (event.target as Element).closest<HTMLElement>("[data-at]");
      event.preventDefault(); // the focus stays in the box
      if (option) this.#choose(Number(option.dataset.at));
    });
  }

  /** Take a key while the list is open; whether it was taken. */
  key(event: KeyboardEvent): boolean {
    const list = this.#list();
    if (!list || list.hidden || !this.#found.length) return false;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) this.#mark((this.#at + step + this.#found.length) % this.#found.length);
    else if ((event.key === "Enter" && !event.ctrlKey && !event.metaKey) || event.key === "Tab") this.#choose(this.#at);
    else if (event.key === "Escape") this.#close();
    else return false;
    event.preventDefault();
    event.stopPropagation();
    return true;
  }

  #list(): HTMLElement | null { return this.#host.querySelector<HTMLElement>(".composer-people"); }
  #typed(): string | null { return ASKED.exec(this.#box.value.slice(0, this.#box.selectionStart))?.[1] ?? null; }

  #look(): void {
    window.clearTimeout(this.#timer);
    const typed = this.#typed();
    if (typed === null) this.#close();
    else this.#timer = window.setTimeout(() => void this.#fetch(typed), WAIT_MS);
  }

  async #fetch(typed: string): Promise<void> {
    this.#asked?.abort();
    this.#asked = new AbortController();
    const url = new URL(this.#host.dataset.people ?? "", location.href);
    url.searchParams.set("q", typed);
    try {
      const answer = await fetch(url, { signal: this.#asked.signal, headers: { Accept: "application/json" } });
      if (answer.ok && this.#typed() === typed) this.#show(((await answer.json()) as { items: Person[] }).items);
    } catch {
      // Aborted by the next letter, or offline: the text can be typed on.
    }
  }

  #show(found: Person[]): void {
    const list = this.#list();
    if (!list) return;
    this.#found = found;
    if (!found.length) return this.#close();
    list.replaceChildren(...found.map((person, at) => {
      const option = element("div", { class: "combo-option", role: "option", id: `${list.id}-${at}`, "data-at": String(at), "aria-selected": "false" },
        element("span", { class: "truncate" }, person.title));
      if (person.hint) option.append(element("span", { class: "combo-hint" }, person.hint));
      return option;
    }));
    list.hidden = false;
    this.#box.setAttribute("aria-controls", list.id);
    this.#mark(0);
  }

  #mark(at: number): void {
    const list = this.#list();
    this.#at = at;
    for (const option of list?.querySelectorAll<HTMLElement>("[data-at]") ?? []) {
      const on = option.dataset.at === String(at);
      option.toggleAttribute("data-active", on);
      option.setAttribute("aria-selected", String(on));
      if (on) option.scrollIntoView({ block: "nearest" });
    }
    if (list) this.#box.setAttribute("aria-activedescendant", `${list.id}-${at}`);
  }

  #choose(at: number): void {
    const person = this.#found[at];
    const typed = this.#typed();
    if (!person || typed === null) return;
    const end = this.#box.selectionStart;
    this.#box.setRangeText(`${this.#names.add(person.title, person.id)} `, end - typed.length - 1, end, "end");
    this.#close();
    this.#box.dispatchEvent(new Event("input", { bubbles: true }));
  }

  #close(): void {
    window.clearTimeout(this.#timer);
    const list = this.#list();
    if (list) list.hidden = true;
    this.#box.removeAttribute("aria-activedescendant");
  }
}
