// <tp-event-file>: sends a chosen file of events part by part, with a bar; goes on after a lost connection, and leads to
// the page that asks what its columns are.
import { csrfToken } from "@ui/htmx";
import { t } from "@ui/i18n";
import { define, Island } from "@ui/island";

interface Told {
  at: number;
  part: number;
  url: string;
  next: string;
}

/** What the server refuses with; trying again would change nothing. */
class Refused extends Error {
  constructor(message: string, readonly hint: string) {
    super(message);
  }
}

const PAUSES_MS = [500, 1000, 2000, 4000, 8000];

class EventFile extends Island {
  #file: File | null = null;
  #url = "";
  #stop = new AbortController();

  protected connect(): void {
    this.listen(this, "change", (event) => {
      const file = (event.target as HTMLInputElement).files?.[0];
      if (file) void this.#send(file);
    });
    this.listen<MouseEvent>(this, "click", (event) => {
      const button = (event.target as Element).closest<HTMLElement>("[data-again], [data-cancel]");
      if (button?.hasAttribute("data-again") && this.#file) void this.#send(this.#file);
      if (button?.hasAttribute("data-cancel")) this.#cancel();
    });
    this.listen<BeforeUnloadEvent>(window, "beforeunload", (event) => {
      if (this.hasAttribute("data-busy")) event.preventDefault();
    });
    this.ended.addEventListener("abort", () => this.#stop.abort());
  }

  async #send(file: File): Promise<void> {
    this.#file = file;
    this.#stop = new AbortController();
    this.toggleAttribute("data-busy", true);
    this.#refuse("", "");
    this.#show("choose", false);
    this.#show("sending", true);
    this.#show("again", false);
    this.#text("name", file.name);
    this.#text("size", new Intl.NumberFormat(document.documentElement.lang, { style: "unit", unit: "megabyte", maximumFractionDigits: 1 }).format(file.size / 2 ** 20));
    this.#at(0, file.size);
    this.#text("state", t("Uploading. Keep this page open."));
    try {
      const begin = new URLSearchParams({ name: file.name, size: String(file.size), stamp: String(file.lastModified) });
      let told = await this.#patiently(() => this.#ask(this.dataset.url ?? "", begin));
      this.#url = told.url;
      while (!told.next) {
        this.#at(told.at, file.size);
        if (told.at + told.part >= file.size) this.#text("state", t("Reading the file…"));
        const { at, part, url } = told;
        told = await this.#patiently(() => this.#ask(`${url}?at=${at}`, file.slice(at, at + part)));
      }
      this.#at(file.size, file.size);
      this.removeAttribute("data-busy");
      location.assign(told.next);
    } catch (error) {
      this.removeAttribute("data-busy");
      if (this.#stop.signal.aborted) return;
      if (error instanceof Refused) {
        this.#choose();
        this.#refuse(error.message, error.hint);
      } else {
        this.#text("state", t("The connection was lost. What was uploaded is kept."));
        this.#show("again", true);
        this.find<HTMLElement>("[data-again]")?.focus();
      }
    }
  }

  /** Tries again what the network or the server lost, a little later each time. */
  async #patiently(work: () => Promise<Told>): Promise<Told> {
    for (const pause of PAUSES_MS) {
      try {
        return await work();
      } catch (error) {
        if (error instanceof Refused || this.#stop.signal.aborted) throw error;
        await new Promise((done) => window.setTimeout(done, pause));
      }
    }
    return work();
  }

  async #ask(url: string, body: URLSearchParams | Blob): Promise<Told> {
    const headers: Record<string, string> = { "X-CSRFToken": csrfToken() };
    if (body instanceof Blob) headers["Content-Type"] = "application/octet-stream";
    const answer = await fetch(url, { method: "POST", body, headers, credentials: "same-origin", signal: this.#stop.signal });
    if (answer.ok && answer.headers.get("Content-Type")?.startsWith("application/json")) return (await answer.json()) as Told;
    if (answer.status >= 500 || answer.status === 429) throw new Error(String(answer.status));
    const said = (await answer.json().catch(() => ({}))) as { message?: string; hint?: string };
    throw new Refused(said.message ?? t("This was not possible."), said.hint ?? "");
  }

  #cancel(): void {
    this.#stop.abort();
    if (this.#url) {
      const url = this.#url.replace(/part\/$/, "forget/");
      void fetch(url, { method: "POST", headers: { "X-CSRFToken": csrfToken() }, credentials: "same-origin", keepalive: true }).catch(() => undefined);
    }
    this.#url = "";
    this.#choose();
  }

  #choose(): void {
    this.#file = null;
    this.removeAttribute("data-busy");
    const input = this.find<HTMLInputElement>('input[type="file"]');
    if (input) {
      input.value = "";
      input.closest("tp-file")?.querySelector(".drop-files")?.replaceChildren();
    }
    this.#show("sending", false);
    this.#show("choose", true);
    input?.focus();
  }

  #refuse(message: string, hint: string): void {
    this.#text("message", message);
    this.#text("hint", hint);
    this.#show("refused", message !== "");
  }

  #at(done: number, size: number): void {
    const percent = size ? Math.floor((done * 100) / size) : 0;
    const bar = this.find<HTMLProgressElement>("progress");
    if (bar) bar.value = percent;
    this.#text("percent", t("{n} %", { n: percent }));
  }

  #show(part: string, on: boolean): void {
    this.find<HTMLElement>(`[data-${part}]`)?.toggleAttribute("hidden", !on);
  }

  #text(part: string, text: string): void {
    const place = this.find<HTMLElement>(`[data-${part}]`);
    if (place) place.textContent = text;
  }
}

define("tp-event-file", EventFile);
