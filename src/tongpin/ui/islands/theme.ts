// <tp-theme>: light, dark or as the system; comfortable or compact. Shown at once, kept by the server.
import { csrfToken } from "./htmx";
import { t } from "./i18n";
import { define, Island } from "./island";
import { toast } from "./toast";

class Theme extends Island {
  protected connect(): void {
    this.listen<MouseEvent>(this, "click", (event) => {
      const button = (event.target as Element).closest<HTMLElement>("[data-theme-set], [data-density-set]");
      if (!button) return;
      const url = this.dataset.url ?? "";
      if (button.dataset.themeSet) void wear("theme", button.dataset.themeSet, url);
      if (button.dataset.densitySet) void wear("density", button.dataset.densitySet, url);
    });
  }
}

/** Show the page so, and tell the server at `url` to keep it. */
export async function wear(kind: "theme" | "density", value: string, url: string): Promise<void> {
  document.documentElement.setAttribute(`data-${kind}`, value);
  for (const button of document.querySelectorAll<HTMLElement>(`[data-${kind}-set]`)) {
    button.setAttribute("aria-pressed", String(button.getAttribute(`data-${kind}-set`) === value));
  }
  document.dispatchEvent(new CustomEvent("tp-theme", { detail: { [kind]: value } }));
  const body = new URLSearchParams({ [kind]: value });
  try {
    const answer = await fetch(url, { method: "POST", body, headers: { "X-CSRFToken": csrfToken() }, keepalive: true });
    if (!answer.ok) throw new Error(String(answer.status));
  } catch {
    toast({ message: t("This choice could not be saved."), hint: t("It holds until you leave the page."), kind: "error" });
  }
}

define("tp-theme", Theme);
