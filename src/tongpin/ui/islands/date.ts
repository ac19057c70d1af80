// <tp-date>: the native date field stays for typing; a button opens a calendar, which is fetched when first wanted.
import { t } from "./i18n";
import { define, element, icon, Island } from "./island";

let count = 0;

class DateField extends Island {
  protected connect(): void {
    this.#dress();
    this.listen(document, "htmx:after:swap", () => this.#dress()); // a morph brings the bare field back
  }

  #dress(): void {
    const input = this.find<HTMLInputElement>('input[type="date"]');
    if (!input || matchMedia("(pointer: coarse)").matches || this.find("[popovertarget]")) return; // a phone has its own
    const id = `tp-date-${(count += 1)}`;
    const button = element("button", { type: "button", class: "btn btn-quiet btn-icon", popovertarget: id, "aria-label": t("Open the calendar"), "aria-haspopup": "dialog" }, icon("calendar"));
    const pop = element("div", { class: "menu-list date-pop", id, popover: "", role: "dialog", "aria-label": t("Calendar") });
    const box = element("tp-menu" as "div", { class: "date-box", "hx-morph-skip": "" });
    input.replaceWith(box);
    box.append(input, button, pop);
    this.listen<ToggleEvent>(pop, "toggle", (event) => { if (event.newState === "open") void this.#fill(pop, input); });
  }

  async #fill(pop: HTMLElement, input: HTMLInputElement): Promise<void> {
    await import("./lazy/calendar");
    let calendar = pop.querySelector<HTMLElement & { value: string; focusedDate: string }>("calendar-date");
    if (!calendar) {
      const lang = document.documentElement.lang;
      const made = element("calendar-date" as "div", {
        locale: lang.startsWith("zh") ? "zh-CN" : lang, "first-day-of-week": this.dataset.weekStart ?? "1",
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
      shown(new Date(input.value || input.max ? `${input.value || input.max}T00:00:00Z` : Date.now()));
      made.addEventListener("change", () => this.#set((made as unknown as { value: string }).value, input, pop));
      pop.append(made, this.#quick(input, pop));
      calendar = made as unknown as HTMLElement & { value: string; focusedDate: string };
    }
    calendar.value = input.value;
    for (const bound of ["min", "max"] as const) if (input[bound]) calendar.setAttribute(bound, input[bound]);
    if (input.value || input.max) calendar.focusedDate = input.value || input.max;
    const shown = calendar;
    requestAnimationFrame(() => requestAnimationFrame(() => shown.focus())); // it draws itself in the first frame
  }

  #quick(input: HTMLInputElement, pop: HTMLElement): HTMLElement {
    const day = (offset: number) => {
      const at = new Date();
      at.setDate(at.getDate() + offset);
      return `${at.getFullYear()}-${String(at.getMonth() + 1).padStart(2, "0")}-${String(at.getDate()).padStart(2, "0")}`;
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
