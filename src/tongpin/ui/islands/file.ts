// <tp-file>: a file field that also takes a drop and, with data-paste, a paste anywhere on the page.
import { t } from "./i18n";
import { define, element, icon, Island, isEditable } from "./island";

class FileField extends Island {
  protected connect(): void {
    this.listen<DragEvent>(this, "dragover", (event) => { event.preventDefault(); this.#over(true); });
    this.listen<DragEvent>(this, "dragleave", () => this.#over(false));
    this.listen<DragEvent>(this, "drop", (event) => {
      event.preventDefault();
      this.#over(false);
      this.#take(event.dataTransfer?.files);
    });
    this.listen(this, "change", () => this.#list());
    if (this.hasAttribute("data-paste")) {
      this.listen<ClipboardEvent>(document, "paste", (event) => {
        if (!isEditable(event.target)) this.#take(event.clipboardData?.files);
      });
    }
  }

  #input(): HTMLInputElement | null {
    return this.find<HTMLInputElement>('input[type="file"]');
  }

  #over(on: boolean): void {
    this.find(".drop")?.toggleAttribute("data-over", on);
  }

  #take(files: FileList | undefined): void {
    const input = this.#input();
    if (!input || !files?.length) return;
    const kept = new DataTransfer();
    for (const file of input.multiple ? files : [...files].slice(0, 1)) if (this.#fits(file)) kept.items.add(file);
    if (!kept.files.length) return;
    input.files = kept.files;
    input.dispatchEvent(new Event("change", { bubbles: true }));
  }

  #fits(file: File): boolean {
    const accepted = (this.#input()?.accept ?? "").split(",").map((part) => part.trim().toLowerCase()).filter(Boolean);
    const fits = accepted.some((part) => part.startsWith(".")
      ? file.name.toLowerCase().endsWith(part)
      : part.endsWith("/*") ? file.type.startsWith(part.slice(0, -1)) : file.type === part);
    return !accepted.length || fits;
  }

  #list(): void {
    const list = this.find(".drop-files");
    list?.setAttribute("hx-morph-skip", "");
    const size = new Intl.NumberFormat(document.documentElement.lang, { maximumFractionDigits: 1 });
    list?.replaceChildren(...[...(this.#input()?.files ?? [])].map((file) => element(
      "li", {}, icon("file-text"), element("span", { class: "truncate" }, file.name),
      element("span", { class: "faint nowrap" }, t("{size} KB", { size: size.format(file.size / 1024) })),
    )));
  }
}

define("tp-file", FileField);
