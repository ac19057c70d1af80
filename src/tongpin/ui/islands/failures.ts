// What a failed request says. A refusal that brings its own message (HX-Trigger: toast) is left to it.
import { t } from "./i18n";
import { toast } from "./toast";

interface Ctx {
  response?: { status: number; headers: Headers };
  status?: string;
}

document.addEventListener("htmx:response:error", (event) => {
  const { response } = (event as CustomEvent<{ ctx: Ctx }>).detail.ctx;
  if (!response || response.status === 422 || response.headers.get("HX-Trigger")?.includes("toast")) return;
  if (response.status >= 500) toast({ message: t("Something broke on the server."), hint: t("Nothing was changed. Try again."), kind: "error" });
  else if (response.status === 404) toast({ message: t("This is no longer here."), hint: t("Reload the page to see what is."), kind: "error" });
  else toast({ message: t("This was not possible."), kind: "error" });
});

// A page that is being left aborts its requests, which looks like a server that does not answer.
let leaving = false;
addEventListener("beforeunload", () => { leaving = true; });
addEventListener("pageshow", () => { leaving = false; });

document.addEventListener("htmx:error", (event) => {
  const { error } = (event as CustomEvent<{ error?: unknown }>).detail;
  if (!(error instanceof TypeError) || leaving) return;
  const message = navigator.onLine ? t("The server does not answer.") : t("No connection.");
  toast({ message, hint: t("What is on the page stays. Try again in a moment."), kind: "error" });
});
