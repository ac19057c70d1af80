// <tp-plot>: several lines or bars. Arrow keys or the pointer move a cursor over the columns; Enter or a click opens what
// is behind the point: the link that the table twin has in the same place (data-cell="series:column").
import { savePicture, twin } from "./chart_frame";
import { t } from "./i18n";
import { define, embedded, Island } from "./island";
import type { PlotData } from "./plot_data";
import { marksAt, placeMarks } from "./plot_marks";

type EngineModule = typeof import("./lazy/plot_engine");
const NOTHING: PlotData = { kind: "line", labels: [], series: [] };

class Plot extends Island {
  #module: EngineModule | null = null;
  #engine: ReturnType<EngineModule["create"]> | null = null;
  #data = NOTHING;
  #cursor: number | null = null;
  #series = 0;
  #source = "";
  #tabled = false;

  protected connect(): void {
    this.listen<KeyboardEvent>(this, "keydown", (event) => { if (event.target === this.#plot()) this.#key(event); });
    this.listen<MouseEvent>(this, "click", (event) => this.#click(event));
    this.listen<PointerEvent>(this, "pointermove", (event) => this.#point(event));
    this.listen(this, "pointerleave", () => { if (document.activeElement !== this.#plot()) this.#move(null); });
    this.listen(document, "tp-theme", () => this.#draw());
    this.listen(matchMedia("(prefers-color-scheme: dark)"), "change", () => this.#draw());
    this.listen(document, "htmx:after:swap", () => this.#again());
    const sized = new ResizeObserver(() => { this.#engine?.resize(); this.#draw(); });
    const plot = this.#plot();
    if (plot) sized.observe(plot);
    this.ended.addEventListener("abort", () => { sized.disconnect(); this.#engine?.dispose(); this.#engine = null; });
    void this.#begin();
  }

  #plot(): HTMLElement | null { return this.find<HTMLElement>(".chart-plot"); }
  #json(): string { return this.querySelector('script[type="application/json"]')?.textContent ?? ""; }

  async #begin(): Promise<void> {
    const plot = this.#plot();
    if (!plot) return;
    this.#source = this.#json();
    this.#data = embedded<PlotData>(this, 'script[type="application/json"]', NOTHING);
    this.#module ??= await import("./lazy/plot_engine");
    if (this.ended.aborted) return;
    this.#engine ??= this.#module.create(plot);
    this.#move(null);
    this.setAttribute("data-drawn", "");
  }

  /** What has been swapped in knows neither that the drawing is there nor that somebody is looking at the table. */
  #again(): void {
    const button = this.find<HTMLElement>("[data-twin]");
    if (this.#tabled && button?.getAttribute("aria-pressed") === "false") twin(this, button);
    if (this.#source !== this.#json()) void this.#begin();
    else if (this.#engine) {
      this.#draw();
      this.setAttribute("data-drawn", "");
    }
  }

  #draw(): void {
    const plot = this.#plot();
    const engine = this.#engine;
    const module = this.#module;
    if (!engine || !module || !plot) return;
    module.draw(engine, plot, this.#data, this.#cursor);
    const strip = this.find<HTMLElement>(".plot-marks");
    if (strip && !plot.hidden) placeMarks(strip, this.#data.markers ?? [], (column) => module.columnX(engine, column));
  }

  #move(at: number | null): void {
    this.#cursor = at;
    this.#draw();
    const line = this.find(".chart-cursor");
    if (!line) return;
    const number = new Intl.NumberFormat(document.documentElement.lang, { maximumFractionDigits: 2 });
    const says = at === null ? [] : this.#data.series.slice(0, 12).map((each) => {
      const value = each.values[at];
      return `${each.name} ${value == null ? t("no value") : number.format(value) + (this.#data.unit ?? "")}`;
    });
    const marks = at === null ? "" : marksAt(this.#data.markers ?? [], at);
    line.textContent = at === null ? "" : [this.#data.labels[at], ...says, ...(marks ? [marks] : [])].join(" · ");
  }

  #at(event: MouseEvent): { column: number; y: number } | null {
    const plot = this.#plot();
    if (!plot || !this.#engine || !this.#module || !plot.contains(event.target as Node)) return null;
    const box = plot.getBoundingClientRect();
    const y = event.clientY - box.top;
    const column = this.#module.columnAt(this.#engine, event.clientX - box.left, y, this.#data.labels.length);
    return column === null ? null : { column, y };
  }

  #point(event: PointerEvent): void {
    const at = this.#at(event);
    if (at && at.column !== this.#cursor) this.#move(at.column);
  }

  #click(event: MouseEvent): void {
    const target = event.target as Element;
    const button = target.closest<HTMLElement>("[data-twin]");
    if (button) {
      this.#tabled = !twin(this, button);
      if (!this.#tabled) { this.#engine?.resize(); this.#draw(); }
      return;
    }
    if (target.closest("[data-png]")) return void savePicture(this, this.#module);
    const at = this.#at(event);
    if (!at || !this.#engine || !this.#module) return;
    const series = this.#module.seriesAt(this.#engine, this.#data, at.column, at.y);
    if (series !== null) this.#open(series, at.column);
  }

  #key(event: KeyboardEvent): void {
    const last = this.#data.labels.length - 1;
    if (last < 0) return;
    const at = this.#cursor ?? last + 1;
    const to: Record<string, number> = { ArrowLeft: at - 1, ArrowRight: at + 1, PageUp: at - 7, PageDown: at + 7, Home: 0, End: last };
    const next = to[event.key];
    if (next !== undefined) this.#move(Math.max(0, Math.min(last, next)));
    else if (event.key === "ArrowUp" || event.key === "ArrowDown") {
      const count = this.#data.series.length;
      this.#series = (this.#series + (event.key === "ArrowUp" ? count - 1 : 1)) % count;
    } else if (event.key === "Enter" && this.#cursor !== null) this.#open(this.#series, this.#cursor);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  #open(series: number, column: number): void {
    this.find<HTMLAnchorElement>(`[data-cell="${series}:${column}"] a`)?.click();
  }
}

define("tp-plot", Plot);
