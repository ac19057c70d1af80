// <tp-departments>: the tree, rearranged by dragging a handle (up and down for the place, right and left for the depth)
// or by Alt with the arrow keys. The page changes at once; the server's answer is morphed in.
import { t } from "@ui/i18n";
import { announce, define, element, Island } from "@ui/island";
import { send } from "@ui/send";

interface Place {
  parent: HTMLLIElement | null;
  before: Element | null;
}

interface Drag {
  item: HTMLLIElement;
  rows: HTMLElement[];
  startX: number;
  startY: number;
  x: number;
  y: number;
  line: HTMLElement | null;
  place: Place | null;
}

const THRESHOLD = 4;
const EDGE = 56;
const STEP = 10;

class Departments extends Island {
  #drag: Drag | null = null;

  protected connect(): void {
    if (!this.hasAttribute("data-editable")) return;
    this.listen<PointerEvent>(this, "pointerdown", (event) => this.#begin(event));
    this.listen<PointerEvent>(this, "pointermove", (event) => this.#move(event));
    this.listen<PointerEvent>(this, "pointerup", () => this.#end(true));
    this.listen<PointerEvent>(this, "pointercancel", () => this.#end(false));
    this.listen<KeyboardEvent>(this, "keydown", (event) => this.#key(event));
  }

  #begin(event: PointerEvent): void {
    const handle = (event.target as Element).closest<HTMLElement>("[data-handle]");
    const item = handle?.closest<HTMLLIElement>("li");
    if (!handle || !item || event.button !== 0) return;
    handle.setPointerCapture(event.pointerId);
    item.setAttribute("data-held", ""); // from the first touch on: nothing is morphed under the hand
    const rows = [...this.querySelectorAll<HTMLElement>(".tree-row")].filter((row) => !item.contains(row));
    this.#drag = { item, rows, startX: event.clientX, startY: event.clientY, x: event.clientX, y: event.clientY, line: null, place: null };
  }

  #move(event: PointerEvent): void {
    const drag = this.#drag;
    if (!drag) return;
    [drag.x, drag.y] = [event.clientX, event.clientY];
    if (!drag.line) {
      if (Math.hypot(drag.x - drag.startX, drag.y - drag.startY) < THRESHOLD) return;
      drag.line = element("div", { class: "tree-line" });
      this.append(drag.line);
      drag.item.setAttribute("data-dragging", "");
      requestAnimationFrame(() => this.#follow());
    }
  }

  /** Each frame of a drag: scroll near the window's edges, show where it would go. */
  #follow(): void {
    const drag = this.#drag;
    if (!drag?.line) return;
    if (drag.y < EDGE) window.scrollBy(0, -STEP);
    else if (drag.y > innerHeight - EDGE) window.scrollBy(0, STEP);
    const gap = drag.rows.filter((row) => middle(row) < drag.y).length;
    const above = drag.rows[gap - 1];
    const below = drag.rows[gap];
    const indent = parseFloat(getComputedStyle(this).getPropertyValue("--tree-indent")) * parseFloat(getComputedStyle(document.documentElement).fontSize);
    const wanted = depth(drag.item) + Math.round((drag.x - drag.startX) / indent);
    const level = Math.max(below ? depth(below) : 0, Math.min(wanted, above ? depth(above) + 1 : 0));
    drag.place = { parent: ancestor(above, level - 1), before: below && depth(below) === level ? below.closest("li") : null };
    const box = this.getBoundingClientRect();
    const at = above?.getBoundingClientRect().bottom ?? below?.getBoundingClientRect().top ?? box.top;
    drag.line.style.top = `${at - box.top}px`;
    drag.line.style.insetInlineStart = `${level * indent}px`;
    requestAnimationFrame(() => this.#follow());
  }

  #end(drop: boolean): void {
    const drag = this.#drag;
    this.#drag = null;
    drag?.line?.remove();
    for (const mark of ["data-held", "data-dragging"]) drag?.item.removeAttribute(mark);
    if (drop && drag?.place) this.#put(drag.item, drag.place);
  }

  #key(event: KeyboardEvent): void {
    if (event.key === "Escape" && this.#drag) return this.#end(false);
    const item = (event.target as Element).closest<HTMLLIElement>("li[data-department]");
    if (!event.altKey || !item || !event.key.startsWith("Arrow")) return;
    event.preventDefault();
    const parent = item.parentElement?.closest<HTMLLIElement>("li") ?? null;
    const [earlier, later] = [item.previousElementSibling, item.nextElementSibling];
    const places: Record<string, Place | null> = {
      ArrowUp: earlier && { parent, before: earlier },
      ArrowDown: later && { parent, before: later.nextElementSibling },
      ArrowRight: earlier && { parent: earlier as HTMLLIElement, before: null },
      ArrowLeft: parent && { parent: parent.parentElement?.closest<HTMLLIElement>("li") ?? null, before: parent.nextElementSibling },
    };
    const place = places[event.key];
    if (place) this.#put(item, place);
    else announce(t("It cannot move that way."));
  }

  #put(item: HTMLLIElement, { parent, before }: Place): void {
    const list = (parent ?? this).querySelector<HTMLElement>("[data-children]");
    if (!list || (item.parentElement === list && (item.nextElementSibling === before || item === before))) return;
    const focused = item.contains(document.activeElement) ? (document.activeElement as HTMLElement) : null;
    list.insertBefore(item, before);
    focused?.focus();
    const name = item.querySelector(".tree-name")?.textContent ?? "";
    const inside = parent?.querySelector(".tree-name")?.textContent;
    const n = [...list.children].indexOf(item) + 1;
    announce(inside ? t("{name}: inside {parent}, place {n}", { name, parent: inside, n }) : t("{name}: top level, place {n}", { name, n }));
    const values = { department: id(item), parent: id(parent), before: id(before) };
    send(this.dataset.move ?? "", values, this);
  }
}

const id = (item: Element | null) => (item as HTMLElement | null)?.dataset.department ?? "";
const depth = (row: Element) => { let n = -1; for (let up = row.closest(".tree"); up; up = up.parentElement?.closest(".tree") ?? null) n += 1; return n; };
const middle = (row: Element) => { const box = row.getBoundingClientRect(); return box.top + box.height / 2; };

/** The item at that level which the row is, or stands in; null above the top. */
function ancestor(row: Element | undefined, level: number): HTMLLIElement | null {
  let item = level < 0 ? null : (row?.closest<HTMLLIElement>("li") ?? null);
  while (item && depth(item) > level) item = item.parentElement?.closest<HTMLLIElement>("li") ?? null;
  return item;
}

define("tp-departments", Departments);
