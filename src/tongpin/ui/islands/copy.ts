// <tp-copy>: copies data-copy of its button, and says so on the button itself.
import { t } from "./i18n";
import { announce, define, icon, Island } from "./island";

class Copy extends Island {
  protected connect(): void {
    this.listen<MouseEvent>(this, "click", (event) => {
      const button = (event.target as Element).closest<HTMLElement>("[data-copy]");
      if (button) void this.#copy(button);
    });
  }

  async #copy(button: HTMLElement): Promise<void> {
    try {
      await navigator.clipboard.writeText(button.dataset.copy ?? "");
    } catch {
      this.#select(button);
      announce(t("Press Ctrl+C to copy."));
      return;
    }
    announce(t("Copied"));
    const sign = button.querySelector("svg");
    const done = icon("check");
    if (!sign || button.hasAttribute("data-copied")) return;
    button.setAttribute("data-copied", "");
    sign.replaceWith(done);
    const words = button.querySelector("span");
    const said = words?.textContent ?? "";
    if (words) words.textContent = t("Copied");
    window.setTimeout(() => {
      done.replaceWith(sign);
      if (words) words.textContent = said;
      button.removeAttribute("data-copied");
    }, 2000);
  }

  /** Without the clipboard (no TLS) the text is selected, ready for Ctrl+C. */
  #select(button: HTMLElement): void {
    const text = button.closest(".copy-line")?.querySelector("code");
    if (text) getSelection()?.selectAllChildren(text);
  }
}

define("tp-copy", Copy);
