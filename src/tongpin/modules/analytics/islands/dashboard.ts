// <tp-dashboard>: refreshes all tiles, and fills the screen; then it refreshes by itself every few minutes.
import { t } from "@ui/i18n";
import { announce, define, Island } from "@ui/island";
import htmx from "@ui/htmx";
import "./_grid";

class Dashboard extends Island {
  #timer = 0;
  #awake: WakeLockSentinel | null = null;

  protected connect(): void {
    this.listen<MouseEvent>(this, "click", (event) => {
      const target = event.target as Element;
      if (target.closest("[data-refresh-all]")) this.#refresh();
      if (target.closest("[data-print]")) window.setTimeout(() => window.print(), 100); // when the menu has closed
      if (target.closest("[data-full]")) void this.#turn();
    });
    this.listen(document, "fullscreenchange", () => this.#turned());
    this.ended.addEventListener("abort", () => window.clearInterval(this.#timer));
  }

  #isFull(): boolean { return document.fullscreenElement === this; }

  async #turn(): Promise<void> {
    try {
      if (this.#isFull()) await document.exitFullscreen();
      else await this.requestFullscreen();
    } catch {
      announce(t("This browser does not show pages on the full screen."));
    }
  }

  #turned(): void {
    window.clearInterval(this.#timer);
    void this.#awake?.release().catch(() => undefined);
    this.#awake = null;
    this.toggleAttribute("data-filling", this.#isFull());
    if (!this.#isFull()) return;
    this.#timer = window.setInterval(() => this.#refresh(), Number(this.dataset.every ?? 300) * 1000);
    navigator.wakeLock?.request("screen").then((lock) => { this.#awake = lock; }, () => undefined);
  }

  /** Those who have only the link cannot make the store work; what they see is asked again by itself when it is old. */
  #refresh(): void {
    for (const answer of this.querySelectorAll<HTMLElement>(".tile-answer")) {
      const button = answer.querySelector<HTMLElement>("[data-refresh]");
      if (button) button.click();
      else void htmx.ajax("GET", answer.getAttribute("hx-get") ?? "", { target: answer, swap: "innerHTML" });
    }
  }
}

define("tp-dashboard", Dashboard);
