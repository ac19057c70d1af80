// htmx 4 with its SSE extension, configured by the meta tag of base.html, plus what every request of ours needs:
// the CSRF token, and one line of explanation when something goes wrong.
import htmx from "htmx.org";
import "htmx.org/dist/ext/hx-sse.js";

interface RequestContext {
  request: { method: string; headers: Record<string, string> };
  response?: { status: number; headers: Headers; raw: Response };
  sourceElement: Element;
}

const detail = (event: Event) => (event as CustomEvent<{ ctx: RequestContext }>).detail.ctx;

export function csrfToken(): string {
  return document.querySelector<HTMLMetaElement>('meta[name="csrf"]')?.content ?? "";
}

document.addEventListener("htmx:config:request", (event) => {
  const { request } = detail(event);
  if (!/^(GET|HEAD|QUERY)$/.test(request.method)) request.headers["X-CSRFToken"] = csrfToken();
});

// A redirect to another page (signed out meanwhile, a form that leads on) is followed by the browser, not swapped in.
document.addEventListener("htmx:before:response", (event) => {
  const raw = detail(event).response?.raw;
  if (raw?.redirected && new URL(raw.url).pathname !== location.pathname) {
    event.preventDefault();
    // A form that made something gives its own place in the history the address that shows it filled again.
    const back = detail(event).sourceElement.closest<HTMLFormElement>("form")?.dataset.back;
    const made = /[0-9a-f]{8}-[0-9a-f-]{27}/.exec(raw.url)?.[0];
    if (back && made) history.replaceState(history.state, "", back + made);
    location.assign(raw.url);
  }
});

export default htmx;
