// Fetch what is shown again and morph it in: after an undo, and when somebody else changed something.
import htmx from "./htmx";

/** Ask `url` (the page itself by default) and morph each of the elements that the answer holds under the same id.
 * A page that has another address now (an undone change of it, a session that ended) is gone to. */
export async function refresh(elements: Element[], url = location.href): Promise<void> {
  const partial = url !== location.href;
  const headers: Record<string, string> = { Accept: "text/html", ...(partial ? { "HX-Request": "true" } : {}) };
  const answer = await fetch(url, { headers, credentials: "same-origin" });
  if (answer.ok && answer.redirected && !partial) location.assign(answer.url);
  if (!answer.ok || answer.redirected) return;
  const text = await answer.text();
  for (const target of elements) {
    if (!target.isConnected || !target.id) continue;
    const select = `#${CSS.escape(target.id)}`;
    await htmx.swap({ text, target, select, swap: "outerMorph ignoreTitle:true swapEmpty:false", sourceElement: target });
  }
}

/** The page's main part, as the server sees it now. */
export async function refreshMain(): Promise<void> {
  const main = document.getElementById("main");
  if (main) await refresh([main]);
}
