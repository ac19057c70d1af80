// The tracker of a site: <script defer src="https://…/t.js" data-key="tp_…"></script>. It keeps nothing on the visitor's
// device unless `data-persist` asks for it: the server tells visitors of one day apart without a cookie.

interface Sent { id: string; event: string; distinct_id?: string; at: number; properties: Properties; person?: { set: Properties } }
type Properties = Record<string, unknown>;

const own = document.currentScript as HTMLScriptElement;
const set = own.dataset;
const key = set.key ?? "";
const address = `${set.host ?? new URL(own.src).origin}/capture/v1/events`;
const persist = set.persist !== undefined && set.persist !== "false";
const [KEPT, OUT] = ["tongpin.id", "tongpin.out"];
const BATCH = 20;
const PAUSES = [0, 3e3, 1e4, 3e4, 6e4];

const random = (): string => crypto.randomUUID?.() ?? "10000000-1000-4000-8000-100000000000".replace(/[018]/g, (c) =>
  (+c ^ (crypto.getRandomValues(new Uint8Array(1))[0]! & (15 >> (+c / 4)))).toString(16));

/** Storage may be forbidden altogether: then it is as if it were empty. */
const stored = (name: string, value?: string | null): string | null => {
  try {
    if (value === null) localStorage.removeItem(name);
    else if (value !== undefined) localStorage.setItem(name, value);
    return localStorage.getItem(name);
  } catch { return null; }
};

let who = persist ? (stored(KEPT) ?? stored(KEPT, random()) ?? random()) : undefined;
let waiting: Sent[] = [];
let timer: number | undefined;
let failures = 0;

const later = (ms: number): void => { timer ??= window.setTimeout(flush, ms); };

/** What is sent has an id, so that sending it again counts nothing twice. */
async function flush(): Promise<void> {
  timer = undefined;
  const batch = waiting.splice(0, BATCH);
  if (!batch.length) return;
  let status = 0;
  let again = 0;
  try {
    const answer = await fetch(address, { method: "POST", body: body(batch), keepalive: true, credentials: "omit", mode: "cors" });
    status = answer.status;
    again = Number(answer.headers.get("retry-after")) * 1e3;
  } catch { /* no network: status stays 0 */ }
  if (status === 0 || status === 429 || status >= 500) {
    waiting = [...batch, ...waiting].slice(-500);
    failures += 1;
    later(Math.max(again, PAUSES[Math.min(failures, PAUSES.length - 1)]!));
  } else {
    failures = 0;
    if (waiting.length) later(0);
  }
}

const body = (batch: Sent[]): string => JSON.stringify({ key, cookieless: !persist, batch });

function send(event: string, properties: Properties = {}, more: Partial<Sent> = {}): void {
  if (stored(OUT)) return;
  const page = { $current_url: location.href, $referrer: referrer, $title: document.title, $screen_width: screen.width, $screen_height: screen.height, $language: navigator.language };
  waiting.push({ id: random(), event, distinct_id: who, at: Date.now(), properties: { ...page, ...properties }, ...more });
  later(waiting.length >= BATCH ? 0 : 1e3);
}

// A page: seen, read (visible seconds, how far down), left.
let shown = location.href;
let referrer = document.referrer;
let told = true;
let depth = 0;
let seen = 0;
let since = 0;

function deepen(): void {
  const { scrollHeight } = document.documentElement;
  if (scrollHeight) depth = Math.max(depth, Math.min(100, Math.round(((scrollY + innerHeight) / scrollHeight) * 100)));
}

function view(): void {
  told = false;
  depth = seen = 0;
  since = document.visibilityState === "visible" ? performance.now() : 0;
  send("$pageview");
  deepen();
}

function pause(): void {
  if (since) seen += performance.now() - since;
  since = 0;
}

/** Phones often end a page without a word after hiding it, so hiding already tells; coming back tells the rest. */
function leave(url = location.href): void {
  pause();
  if (told && !seen) return;
  send("$pageleave", { $current_url: url, $scroll_depth: depth, $engagement_ms: Math.round(seen) });
  told = true;
  seen = 0;
}

/** In an application that changes its address itself, each new address is a page; what follows # is not. */
function moved(): void {
  const [before, now] = [shown, location.href].map((url) => url.split("#")[0]);
  if (before === now) return;
  leave(shown);
  referrer = shown;
  shown = location.href;
  view();
}

function hide(): void {
  if (document.visibilityState === "visible") {
    since ||= performance.now();
    return;
  }
  leave();
  goodbye();
}

/** The page may be gone after this, so the browser sends it on its own. */
function goodbye(): void {
  const batch = waiting.splice(0);
  if (batch.length && !navigator.sendBeacon(address, body(batch))) waiting = batch;
}

if (set.auto !== "false") {
  for (const name of ["pushState", "replaceState"] as const) {
    const original = history[name].bind(history);
    history[name] = (...given: Parameters<History["pushState"]>): void => { original(...given); moved(); };
  }
  addEventListener("popstate", moved);
  addEventListener("scroll", deepen, { passive: true });
  addEventListener("pagehide", () => { leave(); goodbye(); });
  addEventListener("pageshow", (event) => { if (event.persisted) view(); });
  document.addEventListener("visibilitychange", hide);
  document.addEventListener("click", (event) => {
    const link = (event.target as Element | null)?.closest?.("a[href]") as HTMLAnchorElement | null;
    if (link && /^https?:$/.test(link.protocol) && link.host !== location.host) {
      send("$outbound_link", { $link_url: link.href, $link_text: (link.textContent ?? "").trim().slice(0, 100) });
    }
  }, { capture: true, passive: true });
  view();
}

const api = {
  /** An event of your own. */
  track: (event: string, properties?: Properties): void => send(event, properties),
  /** Whoever this is has signed in: what was seen before, on this page, becomes theirs. */
  identify(id: string, traits?: Properties): void {
    const anonymous = who;
    who = id;
    if (persist) stored(KEPT, id);
    send("$identify", {}, { ...(anonymous && anonymous !== id && { anonymous_id: anonymous }), ...(traits && { person: { set: traits } }) } as Partial<Sent>);
    void flush();
  },
  /** After signing out: the next visitor of this browser is somebody else. */
  reset(): void { who = persist ? (stored(KEPT, random()) ?? random()) : undefined; },
  page: (): void => view(),
  optOut(): void { waiting = []; stored(KEPT, null); stored(OUT, "1"); },
  optIn(): void { stored(OUT, null); },
};
type Call = { [Name in keyof typeof api]: [Name, ...Parameters<(typeof api)[Name]>] }[keyof typeof api];
/** Calls made before this script was there lie in an array, and are made now. */
const run = ([name, ...given]: Call): void => { (api[name] as (...given: unknown[]) => void)(...given); };
declare global { interface Window { tongpin?: Call[] | (typeof api & { push(call: Call): void }) } }
const earlier = window.tongpin;
window.tongpin = { ...api, push: run };
if (Array.isArray(earlier)) earlier.forEach(run);
export {};
