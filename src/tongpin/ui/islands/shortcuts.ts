// <tp-shortcuts>: "g" then a letter goes, "?" shows the sheet, "/" filters, a letter presses [data-shortcut], and lists
// answer J, K, Enter, Space and X. Silent while somebody types or composes, and under a dialog.
import { define, embedded, Island, isTyping } from "./island";

interface Shortcut {
  keys: string;
  url: string;
}

const SEQUENCE_MS = 1200;

class Shortcuts extends Island {
  #pending = "";
  #timer = 0;

  protected connect(): void {
    this.listen<KeyboardEvent>(document, "keydown", (event) => this.#key(event));
    this.listen<MouseEvent>(document, "click", (event) => {
      const target = event.target as Element;
      if (target.closest("[data-shortcuts-sheet]")) this.#open();
      if (target.closest("#shortcut-sheet [data-close]") || target === this.#sheet()) this.#sheet()?.close();
    });
  }

  #sheet(): HTMLDialogElement | null {
    return this.find<HTMLDialogElement>("dialog");
  }

  /** The sheet, with the keys this page has a use for. */
  #open(): void {
    for (const row of this.querySelectorAll<HTMLElement>("[data-when]")) row.hidden = !document.querySelector(row.dataset.when ?? "");
    const own = document.querySelectorAll<HTMLTemplateElement>("template[data-keys]");
    this.find("[data-page-keys]")?.replaceChildren(...[...own].map((keys) => keys.content.cloneNode(true)));
    this.#sheet()?.showModal();
  }

  #key(event: KeyboardEvent): void {
    if (event.defaultPrevented || isTyping(event) || event.ctrlKey || event.metaKey || event.altKey) return;
    if (document.querySelector("dialog[open]") || document.querySelector('[role="menu"]:popover-open')) return;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const done = this.#sequence(key) || this.#single(key) || this.#inList(key, event);
    if (done) event.preventDefault();
  }

  #sequence(key: string): boolean {
    window.clearTimeout(this.#timer);
    const typed = this.#pending ? `${this.#pending} ${key}` : key;
    this.#pending = "";
    const all = embedded<Shortcut[]>(this, "#shortcut-list", []);
    const hit = all.find((shortcut) => shortcut.keys === typed);
    if (hit) {
      location.assign(hit.url);
      return true;
    }
    if (!all.some((shortcut) => shortcut.keys.startsWith(`${typed} `))) return false;
    this.#pending = typed;
    this.#timer = window.setTimeout(() => { this.#pending = ""; }, SEQUENCE_MS);
    return true;
  }

  #single(key: string): boolean {
    if (key === "?") {
      this.#open();
      return true;
    }
    if (key === "/") {
      const filter = document.querySelector<HTMLInputElement>("#main [data-filter]");
      if (filter) filter.select();
      if (filter) filter.focus();
      else document.dispatchEvent(new CustomEvent("tp-palette"));
      return true;
    }
    if (!/^[a-z]$/.test(key)) return false;
    const button = [...document.querySelectorAll<HTMLElement>(`[data-shortcut="${key}"]`)].find((b) => b.offsetParent !== null);
    button?.click();
    return Boolean(button);
  }

  #inList(key: string, event: KeyboardEvent): boolean {
    const rows = [...document.querySelectorAll<HTMLElement>("[data-rows] [data-row]")].filter((row) => row.offsetParent !== null);
    const at = rows.findIndex((row) => row.hasAttribute("data-cursor"));
    if (key === "j" || key === "k") {
      const next = rows[key === "j" ? Math.min(at + 1, rows.length - 1) : Math.max(at - 1, 0)];
      if (!next) return false;
      rows[at]?.removeAttribute("data-cursor");
      next.setAttribute("data-cursor", "");
      next.scrollIntoView({ block: "nearest" });
      const peek = document.getElementById("peek");
      if (peek && !peek.hidden) next.querySelector<HTMLElement>("[data-peek]")?.click();
      else next.querySelector<HTMLElement>("a, button, input")?.focus({ preventScroll: true });
      return true;
    }
    const row = rows[at];
    const onControl = (event.target as Element).closest?.("button, summary, [role='tab'], [role='slider']");
    if (!row || (onControl && !row.contains(onControl))) return false;
    const press = { Enter: "a[href]", " ": "[data-peek]", x: 'input[type="checkbox"]' }[key];
    const target = press ? row.querySelector<HTMLElement>(press) : null;
    if (!target || (key === "Enter" && event.target === target)) return false;
    target.click();
    return true;
  }
}

define("tp-shortcuts", Shortcuts);
