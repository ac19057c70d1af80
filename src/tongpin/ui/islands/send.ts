// What an island changes by itself (a drag, a key): posted like htmx would, its message shown, the answer morphed in.
import htmx, { csrfToken } from "./htmx";
import { t } from "./i18n";
import { refresh } from "./refresh";
import { type Toast, toast } from "./toast";

/** Post the values. The answer replaces `target` by morphing (unless `late()` says something newer is on its way); a
 * refusal says why and shows the target as the server has it. */
export async function send(url: string, values: Record<string, string>, target: Element, late = () => false): Promise<void> {
  const headers = { "X-CSRFToken": csrfToken(), "HX-Request": "true" };
  try {
    const answer = await fetch(url, { method: "POST", body: new URLSearchParams(values), headers, credentials: "same-origin" });
    const said = (JSON.parse(answer.headers.get("HX-Trigger") ?? "{}") as { toast?: Toast }).toast;
    if (said) toast(said);
    else if (!answer.ok) toast({ message: t("This was not possible."), kind: "error" });
    if (late() || !target.isConnected) return;
    if (answer.ok) await htmx.swap({ text: await answer.text(), target, swap: "outerMorph ignoreTitle:true", sourceElement: target });
    else await refresh([target]);
  } catch {
    toast({ message: t("No connection."), hint: t("Nothing was changed."), kind: "error" });
    await refresh([target]).catch(() => undefined);
  }
}
