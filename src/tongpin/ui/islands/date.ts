// <tp-date>: a day typed as 2026-11-26 in either language, or 11/26, or 2026年11月26日; a button opens a calendar, which
// is fetched when first wanted. The native field would speak the browser's language, not the page's; a phone keeps it.
import { t } from "./i18n";
import { define, element, icon, Island } from "./island";

let count = 0;

const iso = (year: number, month: number, day: number) => `${year}-${String(month).padStart(2, "0")}-${String(day).padStart(2, "0")}`;

/** What was typed as year-month-day; "" if it is no day. The year may be left out. */
function read(typed: string): string {
  const found = /^\s*(?:(\d{4})\s*[-/.年]?\s*)?(\d{1,2})\s*[-/.月]?\s*(\d{1,2})\s*日?\s*$/.exec(typed.normalize("NFKC"));
  if (!found) return "";
  const [year, month, day] = [Number(found[1] ?? new Date().getFullYear()), Number(found[2]), Number(found[3])];
  const real = new Date(Date.UTC(year, month - 1, day));
  return real.getUTCMonth() === month - 1 && real.getUTCDate() === day ? iso(year, month, day) : "";
}

class DateField extends Island {
  protected connect(): void {
    this.#dress();
    this.listen(document, "htmx:after:swap", () => this.#dress()); // a morph brings the bare field back
    this.listen<Event>(this, "change", (event) => this.#settle(event.target as HTMLInputElement), { capture: true });
  }

  #dress(): void {
    const input = this.find<HTMLInputElement>('input[type="date"]');
    if (!input || matchMedia("(pointer: coarse)").matches || this.find("[popovertarget]")) return; // a phone has its own
    Object.assign(input, { type: "text", autocomplete: "off", placeholder: t("YYYY-MM-DD") });
    const id = `tp-date-${(count += 1)}`;
    const button = element("button", { type: "button", class: "btn btn-quiet btn-icon", popovertarget: id, "aria-label": t("Open the calendar"), "aria-haspopup": "dialog" }, icon("calendar"));
    const pop = element("div", { class: "menu-list date-pop", id, popover: "", role: "dialog", "aria-label": t("Calendar") });
    const box = element("tp-menu" as "div", { class: "date-box", "hx-morph-skip": "" });
    box.append(button, pop); // before it enters the page, so that it knows its popover from the start
    input.replaceWith(box);
    box.prepend(input);
    this.listen<ToggleEvent>(pop, "toggle", (event) => { if (event.newState === "open") void this.#fill(pop, input); });
  }

  /** A day that was typed takes its one form before anything else hears of it. */
  #settle(input: HTMLInputElement): void {
    if (input.type !== "text") return;
    const day = read(input.value);
    if (day) input.value = day;
    input.setCustomValidity(day || !input.value ? "" : t("Type a day such as 2026-11-26."));
  }

  async #fill(pop: HTMLElement, input: HTMLInputElement): Promise<void> {
    await import("./lazy/calendar");
    let calendar = pop.querySelector<HTMLElement & { value: string; focusedDate: string }>("calendar-date");
    if (!calendar) {
      const lang = document.documentElement.lang;
      const made = element("calendar-date" as "div", {
        locale: lang.startsWith("zh") ? "zh-CN" : lang, "first-day-of-week": document.documentElement.dataset.weekStart ?? "1",
      }, element("calendar-month" as "div"));
      const heading = element("span", { slot: "heading", class: "strong" });
      const month = new Intl.DateTimeFormat(lang, { year: "numeric", month: "long", timeZone: "UTC" });
      const shown = (day: Date) => { heading.textContent = month.format(day); };
      made.append(heading);
      for (const [slot, sign] of [["previous", icon("chevron-left")], ["next", icon("chevron-right")]] as const) {
        sign.setAttribute("slot", slot);
        made.append(sign);
      }
      made.addEventListener("focusday", (event) => shown((event as CustomEvent<Date>).detail));
      const at = read(input.value) || input.max;
      shown(at ? new Date(`${at}T00:00:00Z`) : new Date());
      made.addEventListener("change", () => this.#set((made as unknown as { value: string }).value, input, pop));
      pop.append(made, this.#quick(input, pop));
      calendar = made as unknown as HTMLElement & { value: string; focusedDate: string };
    }
    calendar.value = read(input.value);
    for (const bound of ["min", "max"] as const) if (input[bound]) calendar.setAttribute(bound, input[bound]);
    if (calendar.value || input.max) calendar.focusedDate = calendar.value || input.max;
    const shown = calendar;
    requestAnimationFrame(() => requestAnimationFrame(() => shown.focus())); // it draws itself in the first frame
  }

  #quick(input: HTMLInputElement, pop: HTMLElement): HTMLElement {
    const day = (offset: number) => {
      const at = new Date();
      at.setDate(at.getDate() + offset);
      return iso(at.getFullYear(), at.getMonth() + 1, at.getDate());
    };
    const choices: [string, string][] = [[t("Today"), day(0)], [t("Tomorrow"), day(1)], [t("In a week"), day(7)]];
    if (!input.required) choices.push([t("None"), ""]);
    const within = choices.filter(([, value]) => !value || (value >= input.min && value <= (input.max || value)));
    return element("div", { class: "date-quick" }, ...within.map(([label, value]) => {
      const button = element("button", { type: "button", class: "btn btn-quiet btn-sm" }, label);
      button.addEventListener("click", () => this.#set(value, input, pop));
      return button;
    }));
  }

  #set(value: string, input: HTMLInputElement, pop: HTMLElement): void {
    input.value = value;
    pop.hidePopover();
    input.focus();
    for (const type of ["input", "change"]) input.dispatchEvent(new Event(type, { bubbles: true }));
  }
}

define("tp-date", DateField);
