// What an island changes by itself (a drag, a key): posted like htmx would, its message shown, the answer morphed in.
import htmx, { csrfToken } from "./htmx";
import { t } from "./i18n";
import { changing, isChanging, refresh } from "./refresh";
import { type Toast, toast } from "./toast";

const queues = new WeakMap<Element, Promise<void>>();

/** Post the values, after what was sent before for the same target. The last answer replaces the target by morphing; a
 * refusal says why and shows the target as the server has it. */
export function send(url: string, values: Record<string, string>, target: Element): void {
  const done = changing(target);
  queues.set(target, (queues.get(target) ?? Promise.resolve()).then(() => post(url, values, target, done)));
}

async function post(url: string, values: Record<string, string>, target: Element, done: () => void): Promise<void> {
  const headers = { "X-CSRFToken": csrfToken(), "HX-Request": "true" };
  let text = "";
  try {
    const answer = await fetch(url, { method: "POST", body: new URLSearchParams(values), headers, credentials: "same-origin" });
    const said = (JSON.parse(answer.headers.get("HX-Trigger") ?? "{}") as { toast?: Toast }).toast;
    if (said) toast(said);
    else if (!answer.ok) toast({ message: t("This was not possible."), kind: "error" });
    if (answer.ok) text = await answer.text();
  } catch {
    toast({ message: t("No connection."), hint: t("Nothing was changed."), kind: "error" });
  }
  done();
  await released(target);
  if (isChanging(target) || !target.isConnected) return;
  if (text) await htmx.swap({ text, target, swap: "outerMorph ignoreTitle:true", sourceElement: target });
  else await refresh([target]).catch(() => undefined);
}

/** Resolves when no pointer holds anything in the target: what is in a hand is not replaced under it. */
async function released(target: Element): Promise<void> {
  while (target.querySelector("[data-held]")) {
    await new Promise<void>((free) => {
      const up = () => { window.setTimeout(free); };
      for (const end of ["pointerup", "pointercancel", "keydown"]) document.addEventListener(end, up, { once: true });
    });
  }
}
