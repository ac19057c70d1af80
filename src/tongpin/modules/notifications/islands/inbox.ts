// <tp-inbox>: E archives (or brings back) the row under the cursor, or those selected; U marks read or unread, H snoozes,
// M mutes, Z takes back. The cursor goes on to the row that takes its place. Rows follow what is done on other pages.
import { refresh } from "@ui/refresh";
import { define, Island, isTyping } from "@ui/island";

const SORTED = "notifications.sorting";

interface Swap {
  tasks: { fragment?: DocumentFragment; swapSpec?: { style?: string } }[];
}

class Inbox extends Island {
  static observedAttributes = ["data-unread"];
  #next = -1;

  protected connect(): void {
    this.listen<KeyboardEvent>(document, "keydown", (event) => this.#key(event));
    this.listen<CustomEvent<Swap>>(document, "htmx:before:swap", ({ detail }) => this.#once(detail));
    this.listen(document, "htmx:after:swap", () => this.#settle());
    this.listen<MouseEvent>(this, "click", (event) => this.#choose(event), { capture: true });
    this.listen<CustomEvent<{ s?: string[]; kind: string }>>(document, "tp-hint", ({ detail }) => {
      if (detail.kind === "resync" || detail.s?.includes(SORTED)) this.#sync();
    });
    this.listen(document, "visibilitychange", () => this.#sync(false));
  }

  #late = false;

  /** Ask for the rows shown as they are now; a page nobody looks at asks when somebody does. */
  #sync(told = true): void {
    this.#late ||= told;
    if (!this.#late || document.hidden) return;
    this.#late = false;
    this.find("[data-sync]")?.dispatchEvent(new CustomEvent("tp-sync"));
    void this.#bells();
  }

  async #bells(): Promise<void> {
    const url = this.dataset.bell;
    if (url) await refresh([...document.querySelectorAll("#nav-side-notificationsinbox, #nav-phone-notificationsinbox")], url).catch(() => undefined);
  }

  attributeChangedCallback(_name: string, before: string | null): void {
    if (before !== null) void this.#bells();
  }

  /** A row that came back another way (an undo) while the answer was on its way is not put in a second time. */
  #once({ tasks }: Swap): void {
    for (const { fragment, swapSpec } of tasks) {
      if (!swapSpec?.style?.startsWith("after")) continue;
      for (const row of fragment?.querySelectorAll("[data-row]") ?? []) if (document.getElementById(row.id)) row.remove();
    }
  }

  #rows(): HTMLElement[] {
    return [...this.querySelectorAll<HTMLElement>("[data-row]")];
  }

  #chosen(): string[] {
    return [...this.querySelectorAll<HTMLInputElement>("input[data-bulk]:checked")].map((box) => box.value);
  }

  /** The snooze picker is one for all: it gets the row it was opened from, or the rows selected. */
  #choose(event: MouseEvent): void {
    const button = (event.target as Element).closest<HTMLElement>('[data-dialog="snooze"]');
    const place = this.find<HTMLElement>("#snooze [data-ids]");
    if (!button || !place) return;
    const row = button.closest("[data-row]");
    const ids = row ? [row.querySelector<HTMLInputElement>("input[data-bulk]")?.value ?? ""] : this.#chosen();
    place.replaceChildren(...ids.map((value) => Object.assign(document.createElement("input"), { type: "hidden", name: "ids", value })));
    this.#next = row ? this.#rows().indexOf(row as HTMLElement) : 0;
  }

  #key(event: KeyboardEvent): void {
    if (event.defaultPrevented || isTyping(event) || event.ctrlKey || event.metaKey || event.altKey) return;
    if (document.querySelector("dialog[open]")) return;
    const key = event.key.toLowerCase();
    if (key === "j" || key === "k") this.#next = -1;
    if (key === "z") {
      event.preventDefault();
      document.dispatchEvent(new KeyboardEvent("keydown", { key: "z", ctrlKey: true, bubbles: true }));
      return;
    }
    if (!["e", "u", "h", "m"].includes(key)) return;
    const rows = this.#rows();
    const at = rows.findIndex((row) => row.hasAttribute("data-cursor"));
    const many = this.#chosen().length > 0;
    const button = many ? this.find<HTMLElement>(`[data-bulk-act="${key}"]`) : rows[at]?.querySelector<HTMLElement>(`[data-act="${key}"]`);
    if (!button) return;
    event.preventDefault();
    this.#next = many ? 0 : at;
    button.click();
  }

  /** After the answer: the cursor stands where it stood, on whatever row is there now. */
  #settle(): void {
    const rows = this.#rows();
    const row = rows[Math.min(this.#next, rows.length - 1)];
    if (!row || rows.some((one) => one.hasAttribute("data-cursor"))) return; // the swap was another's, a bell's
    this.#next = -1;
    row.setAttribute("data-cursor", "");
    row.querySelector<HTMLElement>("a")?.focus({ preventScroll: true });
  }
}

define("tp-inbox", Inbox);
