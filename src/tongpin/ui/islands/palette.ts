// <tp-palette>: Ctrl+K. Shows the page's own commands at once and the server's answers as they come. A key that
// belongs to an input method never chooses anything.
import { csrfToken } from "./htmx";
import { t } from "./i18n";
import { define, element, embedded, icon, Island } from "./island";
import { wear } from "./theme";

interface Row {
  id: string;
  kind: string;
  title: string;
  hint?: string;
  url?: string;
  post?: string;
  fields?: Record<string, string>;
  keys?: string;
  icon?: string;
  names?: string;
  initials?: string;
}

const WAIT_MS = 90;
const RECENT = "tongpin.palette.recent";
const KINDS = ["new", "go", "do"]; // as the palette opens

/** The commands used last, newest first; whatever else lies under that name is no reason to fail. */
function lately(): string[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(RECENT) ?? "[]");
    return Array.isArray(kept) ? kept.filter((id) => typeof id === "string") : [];
  } catch {
    return [];
  }
}

class Palette extends Island {
  #rows: Row[] = [];
  #at = 0;
  #timer = 0;
  #asked: AbortController | null = null;

  protected connect(): void {
    this.listen<KeyboardEvent>(document, "keydown", (event) => {
      if ((event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey && event.key.toLowerCase() === "k") {
        event.preventDefault();
        this.#open();
      }
    });
    this.listen<MouseEvent>(document, "click", (event) => { if ((event.target as Element).closest("[data-palette]")) this.#open(); });
    this.listen(document, "tp-palette", () => this.#open());
    this.listen<KeyboardEvent>(this, "keydown", (event) => this.#key(event));
    this.listen<InputEvent>(this, "input", (event) => { if (!event.isComposing) this.#typed(); });
    this.listen(this, "compositionend", () => this.#typed());
    this.listen<MouseEvent>(this, "click", (event) => {
      if (event.target === this.#box()) this.#box()?.close();
      const item = (event.target as Element).closest<HTMLElement>("[data-at]");
      if (item) this.#run(Number(item.dataset.at));
    });
    this.listen<PointerEvent>(this, "pointermove", (event) => {
      const item = (event.target as Element).closest<HTMLElement>("[data-at]");
      if (item && Number(item.dataset.at) !== this.#at) this.#mark(Number(item.dataset.at));
    });
  }

  #box(): HTMLDialogElement | null { return this.find<HTMLDialogElement>("dialog"); }
  #input(): HTMLInputElement | null { return this.find<HTMLInputElement>("input"); }

  #open(): void {
    const box = this.#box();
    const input = this.#input();
    if (!box || !input || box.open) return;
    input.value = "";
    box.showModal();
    input.focus();
    this.#show(this.#known(""));
  }

  /** The page's commands that fit, best first; without words what begins something, then the last used ones. */
  #known(words: string): Row[] {
    const all = embedded<Row[]>(this, "#palette-commands", []);
    if (!words) {
      const recent = lately();
      const rank = (row: Row) => { const at = recent.indexOf(row.id); return at < 0 ? recent.length : at; };
      return [...all].sort((a, b) => KINDS.indexOf(a.kind) - KINDS.indexOf(b.kind) || rank(a) - rank(b));
    }
    const wanted = words.toLowerCase();
    const fits = (row: Row) => {
      if (row.title.toLowerCase().startsWith(wanted)) return 0;
      if ((row.initials ?? "").split(" ").some((typed) => typed.startsWith(wanted.replace(/[\s']/g, "")))) return 1;
      return (row.names ?? row.title.toLowerCase()).includes(wanted) ? 2 : 3;
    };
    return all.map((row) => ({ row, at: fits(row) })).filter(({ at }) => at < 3).sort((a, b) => a.at - b.at).map(({ row }) => row);
  }

  #typed(): void {
    const words = this.#input()?.value.trim() ?? "";
    const known = this.#known(words);
    this.#show(known);
    window.clearTimeout(this.#timer);
    this.#asked?.abort();
    const url = this.dataset.url;
    if (words && url) this.#timer = window.setTimeout(() => void this.#ask(url, words, known), WAIT_MS);
  }

  async #ask(url: string, words: string, known: Row[]): Promise<void> {
    this.#asked = new AbortController();
    try {
      const answer = await fetch(`${url}?q=${encodeURIComponent(words)}`, { signal: this.#asked.signal, headers: { Accept: "application/json" } });
      if (!answer.ok) return;
      const found = (await answer.json()) as Row[] | { items: Row[] };
      const rows = Array.isArray(found) ? found : found.items;
      const ids = new Set(known.map((row) => row.id));
      this.#show([...known, ...rows.filter((row) => !ids.has(row.id))], this.#rows[this.#at]?.id);
    } catch (error) {
      if (!(error instanceof DOMException)) this.#show(known);
    }
  }

  #show(rows: Row[], keep = ""): void {
    const groups: Record<string, string> = { go: t("Go to"), new: t("New"), do: t("Do") };
    const order = [...new Set(rows.map((row) => groups[row.kind] ?? t("Found")))];
    rows = [...rows].sort((a, b) => order.indexOf(groups[a.kind] ?? t("Found")) - order.indexOf(groups[b.kind] ?? t("Found")));
    this.#rows = rows;
    const list = this.find("#palette-list");
    const parts: HTMLElement[] = [];
    let last = "";
    rows.forEach((row, at) => {
      const group = groups[row.kind] ?? t("Found");
      if (group !== last) parts.push(element("div", { class: "palette-group", role: "presentation" }, group));
      last = group;
      const item = element("div", { class: "palette-item", role: "option", id: `palette-${at}`, "data-at": String(at), "aria-selected": "false" },
        icon(row.icon || "arrow-right"), element("span", { class: "palette-title truncate" }, row.title));
      if (row.hint) item.append(element("span", { class: "palette-hint truncate" }, row.hint));
      if (row.keys) item.append(element("span", { class: "keys end" }, ...row.keys.split(" ").map((key) => element("kbd", {}, key.length === 1 ? key.toUpperCase() : key))));
      parts.push(item);
    });
    if (!rows.length) parts.push(element("div", { class: "palette-none", role: "presentation" }, t("Nothing found. Try another word.")));
    list?.replaceChildren(...parts);
    this.#mark(Math.max(0, rows.findIndex((row) => row.id === keep)));
  }

  #mark(at: number): void {
    this.find(`#palette-${this.#at}`)?.setAttribute("aria-selected", "false");
    this.#at = at;
    const item = this.find(`#palette-${at}`);
    item?.setAttribute("aria-selected", "true");
    item?.scrollIntoView({ block: "nearest" });
    if (item) this.#input()?.setAttribute("aria-activedescendant", item.id);
    else this.#input()?.removeAttribute("aria-activedescendant");
  }

  #key(event: KeyboardEvent): void {
    if (event.isComposing || event.keyCode === 229 || !this.#rows.length) return;
    const count = this.#rows.length;
    if (event.key === "ArrowDown") this.#mark((this.#at + 1) % count);
    else if (event.key === "ArrowUp") this.#mark((this.#at - 1 + count) % count);
    else if (event.key === "Enter") this.#run(this.#at);
    else return;
    event.preventDefault();
  }

  #run(at: number): void {
    const row = this.#rows[at];
    if (!row) return;
    const recent = lately().filter((id) => id !== row.id);
    localStorage.setItem(RECENT, JSON.stringify([row.id, ...recent].slice(0, 8)));
    this.#box()?.close();
    if (row.url) location.assign(row.url);
    else if (row.fields?.theme) void wear("theme", row.fields.theme, row.post ?? "");
    else if (row.post) this.#post(row.post, row.fields ?? {});
  }

  #post(action: string, fields: Record<string, string>): void {
    const all = Object.entries({ ...fields, csrfmiddlewaretoken: csrfToken() });
    const form = element("form", { method: "post", action, hidden: "" }, ...all.map(([name, value]) => element("input", { type: "hidden", name, value })));
    this.append(form);
    form.submit();
  }
}

define("tp-palette", Palette);
