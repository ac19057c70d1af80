// <tp-live>: other people's changes. One tab holds the event stream for all (Web Locks), the others hear it over a
// BroadcastChannel. What carries data-live is fetched again and morphed, but never under a hand that types.
import { announce, define, Island, isEditable } from "./island";
import { isChanging, isSending, refresh } from "./refresh";

interface Hint {
  kind: "changed" | "resync" | "bye";
  at: string;
  w?: string;
  s?: string[];
  to?: string;
}

/** A page just opened asks the tab that holds the stream for what it told lately. */
interface Ask {
  kind: "ask";
  from: string;
}

const GATHER_MS = 80;
const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 60_000;
const LEAVING_MS = 5000;
const RECENT_MS = 10_000; // longer than a page takes from its rendering to this script

class Live extends Island {
  #channel: BroadcastChannel | null = null;
  #last = "";
  #stale = new Set<string>();
  #timer = 0;
  #leads = false;
  #recent: { hint: Hint; until: number }[] = [];
  #leaving = false;
  #name = Math.random().toString(36).slice(2);

  protected connect(): void {
    const url = this.dataset.url;
    if (!url) return;
    this.#channel = new BroadcastChannel("tongpin-live");
    this.#channel.onmessage = (event: MessageEvent<Hint | Ask>) => this.#hear(event.data);
    this.#channel.postMessage({ kind: "ask", from: this.#name }); // what was told while this page was on its way
    // Locks exist only on https and on this machine; on plain http each tab holds a stream of its own.
    if ("locks" in navigator) void navigator.locks.request("tongpin-live", { signal: this.ended }, () => this.#lead(url)).catch(() => undefined);
    else void this.#lead(url);
    for (const freed of ["focusout", "pointerup", "pointercancel", "htmx:finally:request"]) this.listen(document, freed, () => this.#soon());
    // A file that is saved begins like a page one leaves for: whoever is still here a moment later has stayed.
    this.listen(window, "beforeunload", () => {
      this.#leaving = true;
      window.setTimeout(() => { this.#leaving = false; this.#soon(); }, LEAVING_MS);
    });
    this.listen(document, "visibilitychange", () => this.#soon());
    this.ended.addEventListener("abort", () => this.#channel?.close());
  }

  /** Holds the lock, and with it the stream, until this tab closes or the session ends. */
  #lead(url: string): Promise<void> {
    this.#leads = true;
    return new Promise((done) => {
      let source: EventSource | null = null;
      let timer = 0;
      let pause = FIRST_PAUSE_MS;
      const tell = (hint: Hint) => {
        this.#recent = [...this.#recent.filter((kept) => kept.until > Date.now()), { hint, until: Date.now() + RECENT_MS }];
        this.#channel?.postMessage(hint);
        this.#take(hint);
      };
      const end = () => { window.clearTimeout(timer); source?.close(); this.#leads = false; done(); };
      const open = () => {
        const from = this.#last ? `last=${encodeURIComponent(this.#last)}` : `since=${this.dataset.since ?? ""}`;
        const opened = (source = new EventSource(`${url}?${from}`));
        opened.addEventListener("changed", (event) => {
          tell({ kind: "changed", at: event.lastEventId, ...(JSON.parse(event.data as string) as { w: string; s: string[] }) });
        });
        opened.addEventListener("resync", (event) => tell({ kind: "resync", at: event.lastEventId }));
        opened.addEventListener("hello", (event) => { this.#last = event.lastEventId || this.#last; pause = FIRST_PAUSE_MS; this.setAttribute("data-state", "live"); });
        opened.addEventListener("bye", () => { tell({ kind: "bye", at: "" }); end(); });
        opened.onerror = () => {
          this.setAttribute("data-state", "waiting");
          if (opened.readyState !== EventSource.CLOSED) return; // the browser asks again by itself
          // Any answer but a stream (a server that is starting, a proxy without one) ends an EventSource for good.
          timer = window.setTimeout(open, pause);
          pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
        };
      };
      this.ended.addEventListener("abort", end);
      open();
    });
  }

  #hear(said: Hint | Ask): void {
    if (said.kind !== "ask") {
      if (!said.to || said.to === this.#name) this.#take(said);
    } else if (this.#leads) {
      for (const { hint, until } of this.#recent) {
        if (until > Date.now()) this.#channel?.postMessage({ ...hint, to: said.from });
      }
    }
  }

  #take(hint: Hint): void {
    if (hint.at) this.#last = hint.at;
    const here = this.dataset.workspace;
    if (hint.kind === "bye" || (hint.kind === "changed" && here && hint.w && hint.w !== here)) return;
    for (const shown of document.querySelectorAll<HTMLElement>("[data-live]")) {
      const subjects = shown.dataset.live?.split(/\s+/) ?? [];
      if (shown.id && (hint.kind === "resync" || subjects.some((subject) => hint.s?.includes(subject)))) this.#stale.add(shown.id);
    }
    document.dispatchEvent(new CustomEvent("tp-hint", { detail: hint }));
    this.#soon();
  }

  #soon(): void {
    if (!this.#stale.size) return;
    window.clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => void this.#fetch(), GATHER_MS);
  }

  async #fetch(): Promise<void> {
    if (document.hidden || isSending() || this.#leaving) return; // when somebody looks again, has the answer, or stays
    const byUrl = new Map<string, Element[]>();
    for (const id of [...this.#stale]) {
      const shown = document.getElementById(id);
      if (shown && this.#inUse(shown)) continue;
      this.#stale.delete(id);
      if (!shown) continue;
      const url = shown.dataset.liveUrl || location.href;
      byUrl.set(url, [...(byUrl.get(url) ?? []), shown]);
    }
    for (const [url, elements] of byUrl) {
      try {
        await refresh(elements, url, (shown) => this.#spare(shown));
        for (const shown of elements) if (shown.hasAttribute("data-live-say")) announce(shown.getAttribute("data-live-say") ?? "");
      } catch {
        for (const shown of elements) this.#stale.add(shown.id); // offline: the next hint or look tries again
      }
    }
  }

  /** Whether a hand is on it now; then it is fetched again when it is free. */
  #spare(shown: Element): boolean {
    const used = this.#inUse(shown);
    if (used) this.#stale.add(shown.id);
    return used;
  }

  /** Whether somebody is writing, choosing or dragging inside it, or what they chose is on its way. */
  #inUse(shown: Element): boolean {
    const focused = document.activeElement;
    return (
      isChanging(shown) ||
      (focused !== null && shown.contains(focused) && isEditable(focused)) ||
      shown.querySelector("dialog[open], :popover-open, [data-held]") !== null
    );
  }
}

define("tp-live", Live);
