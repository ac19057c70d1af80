// <tp-composer>: a box for markdown. @ offers people (stored by id, shown by name), files are pasted, dropped or chosen,
// what is typed outlives a reload and a refusal, and no refresh of the page takes it away.
import { csrfToken } from "@ui/htmx";
import { t } from "@ui/i18n";
import { define, element, Island } from "@ui/island";
import { refresh } from "@ui/refresh";
import { toast } from "@ui/toast";
import { Names } from "./_names";
import { People } from "./_people";

interface Answered {
  ctx: { response?: { status: number }; sourceElement?: Element; request?: { body?: unknown } };
}

const once = () => `c-${Date.now().toString(36)}-${Math.random().toString(36).slice(2)}${Math.random().toString(36).slice(2)}`;

class Composer extends Island {
  #names = new Names();
  #people: People | null = null;
  #sending = 0;

  protected connect(): void {
    const box = this.#box();
    this.#holder()?.setAttribute("hx-morph-skip", ""); // what is open for typing is not morphed away
    this.#people = new People(this, box, this.#names);
    this.#restore(box);
    this.listen(box, "input", () => { this.#keep(); this.#error(""); });
    this.listen<KeyboardEvent>(box, "keydown", (event) => this.#key(event));
    this.listen<ClipboardEvent>(box, "paste", (event) => this.#take(event, event.clipboardData?.files));
    this.listen<DragEvent>(this, "dragover", (event) => { if (event.dataTransfer?.types.includes("Files")) event.preventDefault(); });
    this.listen<DragEvent>(this, "drop", (event) => this.#take(event, event.dataTransfer?.files));
    this.listen<Event>(this, "change", (event) => this.#chosen(event.target as HTMLInputElement));
    this.listen<MouseEvent>(this, "click", (event) => this.#click(event));
    this.listen<CustomEvent<Answered>>(this, "htmx:config:request", (event) => this.#sent(event.detail.ctx));
    this.listen<CustomEvent<Answered>>(document, "htmx:before:swap", (event) => this.#answered(event.detail.ctx));
    if (this.id !== "composer-new") this.scrollIntoView({ block: "nearest" });
  }

  #box(): HTMLTextAreaElement { return this.find<HTMLTextAreaElement>("textarea")!; }
  #form(): HTMLFormElement { return this.find<HTMLFormElement>("form")!; }
  #holder(): HTMLElement | null { return this.closest<HTMLElement>("[data-holds]"); }
  #place(): string { return `tp-draft:${this.dataset.draft ?? this.id}`; }

  /** What was typed before a reload comes back; a quote asked for now is added to it. */
  #restore(box: HTMLTextAreaElement): void {
    const given = this.#names.shown(box.value);
    const kept = this.#names.shown(localStorage.getItem(this.#place()) ?? "");
    if (!kept || kept === given) box.value = given;
    else box.value = given && !this.id.startsWith("composer-edit-") && !kept.includes(given.trim()) ? `${kept.trimEnd()}\n\n${given}` : kept;
    box.setSelectionRange(box.value.length, box.value.length);
  }

  #keep(): void {
    const text = this.#box().value;
    if (text.trim()) localStorage.setItem(this.#place(), this.#names.sent(text));
    else localStorage.removeItem(this.#place());
  }

  #key(event: KeyboardEvent): void {
    if (event.isComposing || event.keyCode === 229 || this.#people?.key(event)) return;
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      this.#form().requestSubmit();
    } else if (event.key === "Escape" && this.#holder()) {
      event.preventDefault();
      event.stopPropagation();
      this.#close();
    }
  }

  #click(event: MouseEvent): void {
    const act = (event.target as Element).closest<HTMLElement>("[data-act]")?.dataset.act;
    if (act === "cancel") this.#close();
    if (act === "preview") void this.#preview();
  }

  /** Close an answer or an edit; an edited comment's words are fetched again. What was typed stays as a draft. */
  #close(): void {
    const holder = this.#holder();
    if (!holder) return;
    if (this.id.startsWith("composer-edit-")) localStorage.removeItem(this.#place());
    holder.removeAttribute("hx-morph-skip");
    const live = holder.closest<HTMLElement>("[data-live-url]");
    this.remove();
    if (holder.id.startsWith("body-") && live) void refresh([live], live.dataset.liveUrl).catch(() => undefined);
    holder.closest("li")?.querySelector<HTMLElement>("article")?.focus();
  }

  #error(text: string): void {
    this.find(".composer-error")?.replaceChildren(...(text ? [element("p", {}, text)] : []));
  }

  #sent({ sourceElement, request }: Answered["ctx"]): void {
    if (sourceElement !== this.#form() || !request) return;
    const body = request.body as FormData | URLSearchParams | undefined;
    body?.set("text", this.#names.sent(this.#box().value));
  }

  #answered({ response, sourceElement }: Answered["ctx"]): void {
    const status = response?.status ?? 0;
    if (sourceElement !== this.#form() || status < 200 || status >= 300) return;
    localStorage.removeItem(this.#place());
    this.#holder()?.removeAttribute("hx-morph-skip");
    this.#box().value = "";
    this.#show(false);
    const field = this.find<HTMLInputElement>("input[name=once]");
    if (field) field.value = once();
    this.#error("");
  }

  #show(on: boolean): void {
    const shown = this.find<HTMLElement>(".composer-preview");
    if (shown) shown.hidden = !on;
    this.#box().hidden = on;
    this.find("[data-act=preview]")?.setAttribute("aria-pressed", String(on));
  }

  async #preview(): Promise<void> {
    const shown = this.find<HTMLElement>(".composer-preview");
    if (!shown?.hidden || !this.dataset.preview) {
      this.#show(false);
      this.#box().focus();
      return;
    }
    const answer = await this.#post(this.dataset.preview, new URLSearchParams({ text: this.#names.sent(this.#box().value) }));
    if (!answer?.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html"); // cleaned by the server
    shown.replaceChildren(...page.body.childNodes);
    this.#show(true);
  }

  #chosen(field: HTMLInputElement): void {
    if (field.type !== "file" || !field.files) return;
    for (const file of field.files) void this.#upload(file);
    field.value = "";
  }

  #take(event: Event, files: FileList | undefined): void {
    if (!files?.length) return;
    event.preventDefault();
    for (const file of files) void this.#upload(file);
  }

  /** A line stands for the file until the server has it. */
  async #upload(file: File): Promise<void> {
    const words = t("Uploading {name} …", { name: file.name.replace(/[[\]]/g, "") });
    const line = `[${words}](#)`;
    this.#insert(line);
    const form = new FormData();
    form.set("file", file);
    this.#sending += 1;
    this.#busy();
    const answer = await this.#post(this.dataset.files ?? "", form);
    this.#sending -= 1;
    this.#busy();
    const said = answer?.headers.get("Content-Type")?.includes("json") ? ((await answer.json()) as { markdown?: string; message?: string }) : {};
    const box = this.#box();
    const at = box.value.indexOf(line);
    if (at >= 0) box.setRangeText(said.markdown ?? "", at, at + line.length, "end");
    const why = said.message ?? t("This could not be uploaded.");
    if (!said.markdown) this.#error(`${file.name}: ${why}`);
    this.#keep();
  }

  /** Nothing is sent while a file is on its way. */
  #busy(): void {
    const button = this.find<HTMLButtonElement>(".btn-primary");
    if (button) button.disabled = this.#sending > 0;
  }

  #insert(text: string): void {
    const box = this.#box();
    const before = box.value.slice(0, box.selectionStart);
    box.setRangeText(`${before && !/\s$/.test(before) ? "\n" : ""}${text}\n`, box.selectionStart, box.selectionEnd, "end");
    this.#keep();
  }

  async #post(url: string, body: BodyInit): Promise<Response | null> {
    try {
      return await fetch(url, { method: "POST", body, headers: { "X-CSRFToken": csrfToken(), "HX-Request": "true" }, credentials: "same-origin" });
    } catch {
      toast({ message: t("No connection."), kind: "error" });
      return null;
    }
  }
}

define("tp-composer", Composer);
