// <tp-inbox>: E archives (or brings back) the row under the cursor, U marks it read or unread; the cursor goes on to the
// row that takes its place. The shell's rows follow when the number of unread changes without their being told (an undo).
import { refresh } from "@ui/refresh";
import { define, Island, isTyping } from "@ui/island";

class Inbox extends Island {
  static observedAttributes = ["data-unread"];
  #next = -1;

  protected connect(): void {
    this.listen<KeyboardEvent>(document, "keydown", (event) => this.#key(event));
    this.listen(document, "htmx:after:swap", () => this.#settle());
  }

  attributeChangedCallback(_name: string, before: string | null): void {
    const url = this.dataset.bell;
    if (before !== null && url) void refresh([...document.querySelectorAll("#nav-side-notificationsinbox, #nav-phone-notificationsinbox")], url).catch(() => undefined);
  }

  #rows(): HTMLElement[] {
    return [...this.querySelectorAll<HTMLElement>("[data-row]")];
  }

  #key(event: KeyboardEvent): void {
    if (event.defaultPrevented || isTyping(event) || event.ctrlKey || event.metaKey || event.altKey) return;
    if (document.querySelector("dialog[open]")) return;
    const key = event.key.toLowerCase();
    if (key === "j" || key === "k") this.#next = -1;
    if (key !== "e" && key !== "u") return;
    const rows = this.#rows();
    const at = rows.findIndex((row) => row.hasAttribute("data-cursor"));
    const button = rows[at]?.querySelector<HTMLElement>(`[data-act="${key}"]`);
    if (!button) return;
    event.preventDefault();
    if (key === "e") this.#next = at;
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
