// <tp-tabs>: a tablist whose panels are in the page. The choice survives a morph.
import { define, Island } from "./island";

class Tabs extends Island {
  #chosen = "";

  protected connect(): void {
    this.listen<MouseEvent>(this, "click", (event) => {
      const tab = (event.target as Element).closest<HTMLElement>('[role="tab"]');
      if (tab && tab.closest("tp-tabs") === this) this.#choose(tab);
    });
    this.listen<KeyboardEvent>(this, "keydown", (event) => this.#key(event));
    this.listen(document, "htmx:after:swap", () => {
      const tab = this.#chosen ? document.getElementById(this.#chosen) : null;
      if (tab && this.contains(tab)) this.#choose(tab);
    });
  }

  #tabs(): HTMLElement[] {
    return [...this.querySelectorAll<HTMLElement>('[role="tab"]')].filter((tab) => tab.closest("tp-tabs") === this);
  }

  #choose(tab: HTMLElement): void {
    this.#chosen = tab.id;
    for (const other of this.#tabs()) {
      const on = other === tab;
      other.setAttribute("aria-selected", String(on));
      other.tabIndex = on ? 0 : -1;
      const panel = document.getElementById(other.getAttribute("aria-controls") ?? "");
      if (panel) panel.hidden = !on;
    }
    this.dispatchEvent(new CustomEvent("tp-tab", { bubbles: true, detail: { id: tab.id } }));
  }

  #key(event: KeyboardEvent): void {
    const tabs = this.#tabs();
    const at = tabs.indexOf(event.target as HTMLElement);
    if (at < 0) return;
    const to: Record<string, number> = { ArrowRight: at + 1, ArrowLeft: at - 1 + tabs.length, Home: 0, End: tabs.length - 1 };
    const next = to[event.key];
    if (next === undefined) return;
    event.preventDefault();
    const tab = tabs[next % tabs.length];
    if (tab) { tab.focus(); this.#choose(tab); }
  }
}

define("tp-tabs", Tabs);
