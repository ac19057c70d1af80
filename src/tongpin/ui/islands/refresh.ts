// Fetch what is shown again and morph it in: after an undo, and when somebody else changed something.
import htmx from "./htmx";

/** By element: how often it was changed from this page, and how many of these changes are on their way. */
const changes = new WeakMap<Element, { count: number; pending: number }>();

/** Say that an element is being changed from here, until the returned function is called: what was asked before or
 * meanwhile would show it as it was, and is not morphed in. */
export function changing(element: Element): () => void {
  const known = changes.get(element) ?? { count: 0, pending: 0 };
  changes.set(element, known);
  known.count += 1;
  known.pending += 1;
  return () => { known.count += 1; known.pending -= 1; };
}

export const isChanging = (element: Element) => (changes.get(element)?.pending ?? 0) > 0;

// What htmx sends changes what it is to replace: a refresh asked before it must not put the old state back.
const sent = new Map<object, () => void>();
document.addEventListener("htmx:before:request", (event) => {
  const { ctx } = (event as CustomEvent<{ ctx: { target?: Element; request: { method: string } } }>).detail;
  if (ctx.request.method === "GET") return;
  const shown = ctx.target?.closest("[data-live]");
  sent.set(ctx, shown ? changing(shown) : () => undefined);
});
document.addEventListener("htmx:finally:request", (event) => {
  const { ctx } = (event as CustomEvent<{ ctx: object }>).detail;
  sent.get(ctx)?.();
  sent.delete(ctx);
});

/** Whether something of this page is on its way to the server: its answer may lead elsewhere. */
export const isSending = () => sent.size > 0;

/** Ask `url` (the page itself by default) and morph each of the elements that the answer holds under the same id,
 * unless `spare` says that a hand has come to it while the answer was on its way.
 * An answer from another address is left alone, and that address returned. */
export async function refresh(elements: Element[], url = location.href, spare: (shown: Element) => boolean = () => false): Promise<string | null> {
  const partial = url !== location.href;
  const asked = elements.map((element) => changes.get(element)?.count);
  const headers: Record<string, string> = { Accept: "text/html", "Tongpin-Refresh": "1", ...(partial ? { "HX-Request": "true" } : {}) };
  const answer = await fetch(url, { headers, credentials: "same-origin" });
  if (!answer.ok) return null;
  if (answer.redirected) return answer.url;
  const text = await answer.text();
  for (const [at, target] of elements.entries()) {
    if (!target.isConnected || !target.id || isChanging(target) || changes.get(target)?.count !== asked[at] || spare(target)) continue;
    const select = `#${CSS.escape(target.id)}`;
    await htmx.swap({ text, target, select, swap: "outerMorph ignoreTitle:true swapEmpty:false", sourceElement: target });
  }
  return null;
}

/** The page's main part, as the server sees it now; where that has another address (a key taken back), there. */
export async function refreshMain(): Promise<void> {
  const main = document.getElementById("main");
  const moved = main ? await refresh([main]) : null;
  if (moved) location.assign(moved);
}
