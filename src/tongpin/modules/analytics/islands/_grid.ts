// <tp-dashboard-grid>: tiles dragged by their grip, resized by their corner, or moved by Alt (resized by Alt+Shift) with
// the arrow keys. The others give way at once; where everything lies in the end the server says.
import { t } from "@ui/i18n";
import { announce, define, Island } from "@ui/island";
import { send } from "@ui/send";
import { type Box, moved } from "./_layout";

interface Drag {
  tile: HTMLElement;
  resizes: boolean;
  pointer: number;
  from: Box;
  all: Box[];
  /** Where the pointer took hold, on the page: the window may scroll under it. */
  start: { x: number; y: number };
  at: { x: number; y: number };
  begun: boolean;
}

const THRESHOLD = 4;
const EDGE = 56;
const STEP = 12;

class Grid extends Island {
  #drag: Drag | null = null;

  protected connect(): void {
    if (!this.dataset.arrange) return;
    this.listen<PointerEvent>(this, "pointerdown", (event) => this.#begin(event));
    this.listen<PointerEvent>(this, "pointermove", (event) => { if (this.#drag) this.#drag.at = { x: event.clientX, y: event.clientY }; });
    this.listen<PointerEvent>(this, "pointerup", () => this.#end(true));
    this.listen<PointerEvent>(this, "pointercancel", () => this.#end(false));
    this.listen<KeyboardEvent>(this, "keydown", (event) => this.#key(event));
  }

  #tiles(): HTMLElement[] { return [...this.querySelectorAll<HTMLElement>(":scope > [data-tile]")]; }
  #boxes(): Box[] { return this.#tiles().map(read); }

  /** On a phone tiles stand one below another; there is nothing to drag. */
  #isGrid(): boolean { return getComputedStyle(this).display === "grid"; }

  #begin(event: PointerEvent): void {
    const handle = (event.target as Element).closest<HTMLElement>("[data-grip], [data-corner]");
    const tile = handle?.closest<HTMLElement>("[data-tile]");
    if (!handle || !tile || event.button !== 0 || this.#drag || !this.#isGrid()) return;
    handle.setPointerCapture(event.pointerId);
    tile.setAttribute("data-held", ""); // from the first touch on: nothing is morphed under the hand
    const at = { x: event.clientX, y: event.clientY };
    const start = { x: at.x + scrollX, y: at.y + scrollY };
    this.#drag = { tile, resizes: handle.hasAttribute("data-corner"), pointer: event.pointerId, from: read(tile), all: this.#boxes(), start, at, begun: false };
    requestAnimationFrame(() => this.#follow());
  }

  /** Each frame of a drag: scroll near the window's edges, show where everything would lie. */
  #follow(): void {
    const drag = this.#drag;
    if (!drag) return;
    const by = { x: drag.at.x + scrollX - drag.start.x, y: drag.at.y + scrollY - drag.start.y };
    if (!drag.begun && Math.hypot(by.x, by.y) >= THRESHOLD) {
      drag.begun = true;
      drag.tile.setAttribute("data-dragging", "");
      this.toggleAttribute("data-moving", true);
    }
    if (drag.begun) {
      if (drag.at.y < EDGE) window.scrollBy(0, -STEP);
      else if (drag.at.y > innerHeight - EDGE) window.scrollBy(0, STEP);
      const cell = this.#cell();
      const [columns, rows] = [Math.round(by.x / cell.x), Math.round(by.y / cell.y)];
      const to = drag.resizes
        ? { ...drag.from, w: drag.from.w + columns, h: drag.from.h + rows }
        : { ...drag.from, x: drag.from.x + columns, y: drag.from.y + rows };
      this.#show(moved(drag.all, to));
    }
    requestAnimationFrame(() => this.#follow());
  }

  /** How far it is from one column and row to the next, in pixels. */
  #cell(): { x: number; y: number } {
    const style = getComputedStyle(this);
    const gap = parseFloat(style.columnGap);
    return { x: (this.clientWidth + gap) / 12, y: parseFloat(style.gridAutoRows) + parseFloat(style.rowGap) };
  }

  #end(drop: boolean): void {
    const drag = this.#drag;
    if (!drag) return;
    this.#drag = null;
    for (const mark of ["data-held", "data-dragging"]) drag.tile.removeAttribute(mark);
    this.removeAttribute("data-moving");
    const to = read(drag.tile);
    if (!drop) this.#show(drag.all);
    else if (!same(to, drag.from)) this.#send(drag.tile, to, drag.resizes);
  }

  #key(event: KeyboardEvent): void {
    if (event.key === "Escape" && this.#drag) return this.#end(false);
    const grip = (event.target as Element).closest<HTMLElement>("[data-grip]");
    const by = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] }[event.key];
    const tile = grip?.closest<HTMLElement>("[data-tile]");
    if (!event.altKey || !tile || !by || !this.#isGrid()) return;
    event.preventDefault();
    const all = this.#boxes();
    const from = read(tile);
    const [columns = 0, rows = 0] = by;
    // A step past a neighbour is as long as the neighbour: one row more would change nothing.
    for (let step = 1; step <= 24; step += 1) {
      const to = event.shiftKey
        ? { ...from, w: from.w + columns * step, h: from.h + rows * step }
        : { ...from, x: from.x + columns * step, y: from.y + rows * step };
      const boxes = moved(all, to);
      const found = boxes.find((box) => box.tile === from.tile) ?? from;
      if (same(found, from)) continue;
      this.#show(boxes);
      tile.scrollIntoView({ block: "nearest" });
      return this.#send(tile, found, event.shiftKey);
    }
    announce(event.shiftKey ? t("It cannot be made so.") : t("It cannot move that way."));
  }

  #show(boxes: Box[]): void {
    const tiles = new Map(this.#tiles().map((tile) => [tile.dataset.tile, tile]));
    for (const box of boxes) {
      const tile = tiles.get(box.tile);
      if (tile && !same(box, read(tile))) write(tile, box);
    }
  }

  #send(tile: HTMLElement, box: Box, resized: boolean): void {
    const name = tile.getAttribute("aria-label") ?? "";
    announce(resized
      ? t("{name}: {w} columns wide, {h} rows high", { name, w: box.w, h: box.h })
      : t("{name}: column {x}, row {y}", { name, x: box.x + 1, y: box.y + 1 }));
    const { x, y, w, h } = box;
    send(this.dataset.arrange ?? "", { tile: box.tile, x: String(x), y: String(y), w: String(w), h: String(h) }, this);
  }
}

const same = (a: Box, b: Box) => a.x === b.x && a.y === b.y && a.w === b.w && a.h === b.h;

function read(tile: HTMLElement): Box {
  const number = (name: string) => Number(tile.dataset[name] ?? 0);
  return { tile: tile.dataset.tile ?? "", x: number("x"), y: number("y"), w: number("w"), h: number("h") };
}

/** A place is classes (css/dashboard.css), as the server writes it. */
function write(tile: HTMLElement, { x, y, w, h }: Box): void {
  for (const name of [...tile.classList]) if (/^d[xwhy]/.test(name)) tile.classList.remove(name);
  tile.classList.add(`dx-${x}`, `dw-${w}`, `dh-${h}`, `dyh-${Math.floor(y / 100)}`, `dyt-${Math.floor(y / 10) % 10}`, `dyu-${y % 10}`);
  Object.assign(tile.dataset, { x: String(x), y: String(y), w: String(w), h: String(h) });
}

define("tp-dashboard-grid", Grid);
