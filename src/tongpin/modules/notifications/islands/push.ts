// <tp-push>: whether this browser shows notifications, and turning that on and off. The server keeps the list; the browser
// knows which of the list it is. States: unsupported, insecure, denied, off, on, busy; one part is shown for each.
import { announce, define, Island } from "@ui/island";
import { t } from "@ui/i18n";
import { toast } from "@ui/toast";

type State = "unsupported" | "insecure" | "denied" | "off" | "on" | "busy";

class Push extends Island {
  protected connect(): void {
    this.listen<MouseEvent>(this, "click", (event) => {
      const button = (event.target as Element).closest("[data-push]");
      if (button) void this.#turnOn();
    });
    this.listen(document, "htmx:after:swap", () => void this.#look());
    void this.#look();
  }

  async #look(): Promise<void> {
    const state = await this.#state();
    this.#show(state);
  }

  async #state(): Promise<State> {
    if (!window.isSecureContext) return "insecure";
    if (!("serviceWorker" in navigator) || !("PushManager" in window) || !("Notification" in window)) return "unsupported";
    if (Notification.permission === "denied") return "denied";
    const here = await this.#here();
    const row = here && this.querySelector(`[data-mark="${here}"]`);
    this.querySelectorAll("[data-here]").forEach((badge) => badge.toggleAttribute("hidden", badge.parentElement?.closest("[data-mark]") !== row));
    return row && Notification.permission === "granted" ? "on" : "off";
  }

  #show(state: State): void {
    this.dataset.state = state;
    this.querySelectorAll<HTMLElement>("[data-for]").forEach((part) => { part.hidden = part.dataset.for !== state; });
  }

  /** The mark by which the server's list names this browser: its address at the push service, hashed. */
  async #here(): Promise<string> {
    const subscription = await (await navigator.serviceWorker.getRegistration("/"))?.pushManager.getSubscription();
    if (!subscription) return "";
    const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(subscription.endpoint));
    return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  }

  async #turnOn(): Promise<void> {
    const form = this.find<HTMLFormElement>("form[data-register]");
    if (!form || this.dataset.state === "busy") return;
    this.#show("busy");
    if ((await Notification.requestPermission()) !== "granted") return this.#look();
    try {
      const { endpoint, keys } = (await this.#subscribe(form.dataset.key ?? "")).toJSON();
      const values: Record<string, string | undefined> = { endpoint, p256dh: keys?.p256dh, auth: keys?.auth };
      for (const [name, value] of Object.entries(values)) form.querySelector<HTMLInputElement>(`[name="${name}"]`)!.value = value ?? "";
      form.requestSubmit();
    } catch (error) {
      console.info("push", error);
      const message = t("This browser cannot reach its push service.");
      toast({ message, hint: t("Some networks block it, in mainland China that of Chrome. Edge and Firefox use others."), kind: "error" });
      announce(message);
      await this.#look();
    }
  }

  async #subscribe(key: string): Promise<PushSubscription> {
    await navigator.serviceWorker.register("/sw.js");
    const { pushManager } = await navigator.serviceWorker.ready;
    const wanted = { userVisibleOnly: true, applicationServerKey: key };
    try {
      return await pushManager.subscribe(wanted);
    } catch (error) {
      const old = await pushManager.getSubscription(); // made with a key the server has no more
      if (!old) throw error;
      await old.unsubscribe();
      return pushManager.subscribe(wanted);
    }
  }
}

define("tp-push", Push);
