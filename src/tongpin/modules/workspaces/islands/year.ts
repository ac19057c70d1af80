// <tp-year>: the days of a year are one stop of the Tab key; arrows go by day and week, Page Up and Down by month,
// Home and End to the ends of the week.
import { define, Island } from "@ui/island";

const DAY_MS = 86_400_000;

class Year extends Island {
  protected connect(): void {
    this.#settle();
    this.listen(document, "htmx:after:swap", () => this.#settle());
    this.listen<FocusEvent>(this, "focusin", (event) => this.#settle(event.target as HTMLElement));
    this.listen<KeyboardEvent>(this, "keydown", (event) => this.#key(event));
  }

  #days(): HTMLButtonElement[] {
    return [...this.querySelectorAll<HTMLButtonElement>("button[name=day]")];
  }

  /** One day takes the Tab key: the given one, else where it was, else today, else the first. */
  #settle(chosen?: HTMLElement): void {
    const days = this.#days();
    const kept = days.filter((day) => day.tabIndex === 0);
    const one = days.find((day) => day === chosen) ?? (kept.length === 1 ? kept[0] : undefined)
      ?? days.find((day) => day.getAttribute("aria-current") === "date") ?? days[0];
    for (const day of days) day.tabIndex = day === one ? 0 : -1;
  }

  #key(event: KeyboardEvent): void {
    if (!(event.target instanceof HTMLButtonElement) || event.altKey || event.ctrlKey || event.metaKey) return;
    const at = new Date(`${event.target.value}T00:00:00Z`);
    const column = (event.target.closest("td")?.cellIndex ?? 0);
    const steps: Record<string, number> = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7, Home: -column, End: 6 - column };
    const step = steps[event.key];
    if (step !== undefined) at.setTime(at.getTime() + step * DAY_MS);
    else if (event.key === "PageUp" || event.key === "PageDown") at.setUTCMonth(at.getUTCMonth() + (event.key === "PageUp" ? -1 : 1));
    else return;
    event.preventDefault();
    const to = at.toISOString().slice(0, 10);
    this.#days().find((day) => day.value === to)?.focus();
  }
}

define("tp-year", Year);
