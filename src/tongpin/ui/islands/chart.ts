// <tp-chart>: a line chart with band, launch markers and shaded days. Arrow keys or the pointer move a day cursor;
// with data-pick Enter or a click chooses the day (event "tp-pick"). Its table twin is always in the page.
import type { ChartData } from "./chart_data";
import { savePicture, twin } from "./chart_frame";
import { t } from "./i18n";
import { define, embedded, Island } from "./island";

type EngineModule = typeof import("./lazy/chart_engine");

class Chart extends Island {
  #module: EngineModule | null = null;
  #engine: ReturnType<EngineModule["create"]> | null = null;
  #data: ChartData | null = null;
  #cursor: number | null = null;
  #source = "";

  protected connect(): void {
    this.listen<KeyboardEvent>(this, "keydown", (event) => { if (event.target === this.#plot()) this.#key(event); });
    this.listen<MouseEvent>(this, "click", (event) => this.#click(event));
    this.listen<PointerEvent>(this, "pointermove", (event) => this.#point(event));
    this.listen(this, "pointerleave", () => { if (document.activeElement !== this.#plot()) this.#move(this.#chosen()); });
    this.listen(document, "tp-theme", () => this.#draw());
    this.listen(matchMedia("(prefers-color-scheme: dark)"), "change", () => this.#draw());
    this.listen(document, "htmx:after:swap", () => { if (this.#source !== this.#json()) void this.#begin(); });
    const seen = new IntersectionObserver((entries) => {
      if (!entries.some((entry) => entry.isIntersecting)) return;
      seen.disconnect();
      void this.#begin();
    }, { rootMargin: "200px" });
    seen.observe(this);
    const sized = new ResizeObserver(() => { this.#engine?.resize(); this.#draw(); });
    const plot = this.#plot();
    if (plot) sized.observe(plot);
    this.ended.addEventListener("abort", () => {
      seen.disconnect();
      sized.disconnect();
      this.#engine?.dispose();
      this.#engine = null;
    });
  }

  #plot(): HTMLElement | null { return this.find<HTMLElement>(".chart-plot"); }
  #json(): string { return this.querySelector('script[type="application/json"]')?.textContent ?? ""; }

  async #begin(): Promise<void> {
    const plot = this.#plot();
    if (!plot) return;
    this.#source = this.#json();
    this.#data = embedded<ChartData>(this, 'script[type="application/json"]', { rows: [], names: { value: "" } });
    this.#module ??= await import("./lazy/chart_engine");
    if (this.ended.aborted) return;
    this.#engine ??= this.#module.create(plot);
    this.#move(this.#chosen());
    this.setAttribute("data-drawn", "");
  }

  /** The row of the day that is chosen (data-day), if any. */
  #chosen(): number | null {
    const at = this.#data?.rows.findIndex((row) => row.date === this.dataset.day) ?? -1;
    return at < 0 ? null : at;
  }

  #draw(): void {
    const plot = this.#plot();
    if (this.#engine && this.#module && this.#data && plot) this.#module.draw(this.#engine, plot, this.#data, this.#cursor);
  }

  #move(at: number | null): void {
    this.#cursor = at;
    this.#draw();
    const row = at === null ? undefined : this.#data?.rows[at];
    const line = this.find(".chart-cursor");
    if (!line || !this.#data) return;
    const lang = document.documentElement.lang;
    const number = new Intl.NumberFormat(lang, { maximumFractionDigits: 2 });
    const day = new Intl.DateTimeFormat(lang, { dateStyle: "medium", timeZone: "UTC" });
    const value = row?.value == null ? t("no value") : `${number.format(row.value)}${this.#data.unit ?? ""}`;
    const says = row ? `${day.format(new Date(`${row.date}T00:00:00Z`))} · ${this.#data.names.value} ${value}` : "";
    const expected = row?.expected != null ? `${this.#data.names.expected ?? ""} ${number.format(row.expected)}` : "";
    const out = row?.out ? `${this.#data.names.out ?? ""}: ${row.out}` : "";
    line.textContent = [says, expected, out].filter(Boolean).join(" · ");
    const plot = this.#plot();
    if (plot?.getAttribute("role") === "slider" && row) {
      plot.setAttribute("aria-valuenow", String(at));
      plot.setAttribute("aria-valuetext", says);
    }
  }

  #at(event: MouseEvent): number | null {
    const plot = this.#plot();
    if (!plot || !this.#engine || !this.#module || !this.#data || !plot.contains(event.target as Node)) return null;
    const box = plot.getBoundingClientRect();
    return this.#module.rowAt(this.#engine, event.clientX - box.left, event.clientY - box.top, this.#data.rows.length);
  }

  #point(event: PointerEvent): void {
    const at = this.#at(event);
    if (at !== null && at !== this.#cursor) this.#move(at);
  }

  #click(event: MouseEvent): void {
    const target = event.target as Element;
    const button = target.closest<HTMLElement>("[data-twin]");
    if (button) {
      if (twin(this, button)) { this.#engine?.resize(); this.#draw(); }
      return;
    }
    if (target.closest("[data-png]")) return void savePicture(this, this.#module);
    const at = this.#at(event);
    if (at !== null) this.#pick(at);
  }

  #key(event: KeyboardEvent): void {
    const last = (this.#data?.rows.length ?? 0) - 1;
    if (last < 0) return;
    const at = this.#cursor ?? last + 1;
    const to: Record<string, number> = {
      ArrowLeft: at - 1, ArrowRight: at + 1, ArrowDown: at - 1, ArrowUp: at + 1, PageUp: at - 7, PageDown: at + 7, Home: 0, End: last,
    };
    const next = to[event.key];
    if (next !== undefined) this.#move(Math.max(0, Math.min(last, next)));
    else if ((event.key === "Enter" || event.key === " ") && this.#cursor !== null) this.#pick(this.#cursor);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  #pick(at: number): void {
    const row = this.#data?.rows[at];
    if (!row || !this.hasAttribute("data-pick")) return;
    this.dataset.day = row.date;
    this.#move(at);
    this.dispatchEvent(new CustomEvent("tp-pick", { bubbles: true, detail: { date: row.date, index: at } }));
    const field = document.getElementById(this.dataset.field ?? "") as HTMLInputElement | null;
    if (!field) return;
    field.value = row.date;
    for (const type of ["input", "change"]) field.dispatchEvent(new Event(type, { bubbles: true }));
  }
}

define("tp-chart", Chart);
