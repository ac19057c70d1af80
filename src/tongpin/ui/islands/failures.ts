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

document.addEventListener("htmx:error", (event) => {
  const { error } = (event as CustomEvent<{ error?: unknown }>).detail;
  if (error instanceof TypeError && !navigator.onLine) toast({ message: t("No connection."), hint: t("Nothing was changed. Try again."), kind: "error" });
});
