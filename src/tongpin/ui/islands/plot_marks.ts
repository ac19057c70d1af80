// The strip beneath a plot: what happened on its days. A sign for each place, one with a number where several share it;
// a sign of one thing leads to it, the others open what they hold.
import { t } from "./i18n";
import { element, icon } from "./island";
import type { PlotMarker } from "./plot_data";

interface Place {
  x: number;
  marks: PlotMarker[];
}

let count = 0;

/** Those so close to one another that a finger could not tell them apart, together. */
function places(marks: PlotMarker[], at: (column: number) => number): Place[] {
  const apart = matchMedia("(pointer: coarse)").matches ? 44 : 26;
  const found: Place[] = [];
  for (const mark of marks) {
    const x = at(mark.from);
    const last = found.at(-1);
    if (last && x - last.x < apart) last.marks.push(mark);
    else found.push({ x, marks: [mark] });
  }
  return found;
}

const said = (mark: PlotMarker) => `${mark.days}: ${mark.label}`;

function sign(place: Place): HTMLElement {
  const [first] = place.marks;
  if (!first) return element("span");
  const alone = place.marks.length === 1;
  const many = alone ? "" : `${place.marks.length} · `; // the name holds what is written on it
  const words = many + place.marks.slice(0, 3).map(said).join(" · ") + (place.marks.length > 3 ? " …" : "");
  const inner = alone ? icon(first.icon) : element("span", {}, String(place.marks.length));
  if (alone && first.url) return element("a", { class: "plot-mark", href: first.url, "aria-label": words, title: words }, inner);
  const id = `tp-marks-${(count += 1)}`;
  const rows = place.marks.map((mark) => element("li", {}, icon(mark.icon), element("span", {},
    mark.url ? element("a", { class: "link", href: mark.url }, mark.label) : element("span", {}, mark.label),
    element("small", {}, `${mark.days} · ${mark.family}`))));
  const pop = element("div", { class: "menu-list plot-marks-pop", id, popover: "", role: "dialog", "aria-label": t("Markers"), tabindex: "-1" }, element("ul", {}, ...rows));
  const button = element("button", { type: "button", class: "plot-mark", popovertarget: id, "aria-haspopup": "dialog", "aria-expanded": "false", "aria-label": words, title: words }, inner);
  return element("tp-menu" as "div", {}, button, pop);
}

/** Fill the strip; `at` is where a column stands, in pixels from the strip's left end. */
export function placeMarks(strip: HTMLElement, marks: PlotMarker[], at: (column: number) => number): void {
  const found = places(marks, at);
  const key = JSON.stringify(found.map((place) => [Math.round(place.x), place.marks]));
  if (strip.dataset.key === key) return;
  if (strip.querySelector(":popover-open")) return; // not under the hand; the next drawing does it
  strip.dataset.key = key;
  strip.replaceChildren(...found.map((place) => {
    const item = element("li", {}, sign(place));
    item.style.insetInlineStart = `${Math.round(place.x)}px`;
    return item;
  }));
}

/** What the line under a plot says of a column. */
export function marksAt(marks: PlotMarker[], column: number): string {
  return marks.filter((mark) => mark.from <= column && column <= mark.to).slice(0, 4).map((mark) => mark.label).join(" · ");
}
