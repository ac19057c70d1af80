// <tp-discussion>: an address that ends in #c-<id> leads to that comment, also where it is not among those shown, or is
// folded away with its thread. <tp-composer> (own file) is the box to write in.
import { t } from "@ui/i18n";
import { define, Island } from "@ui/island";
import { toast } from "@ui/toast";
import "./_composer";

const COMMENT = /^#c-([0-9a-f-]{36})$/;

class Discussion extends Island {
  protected connect(): void {
    this.listen(window, "hashchange", () => this.#show());
    this.listen<MouseEvent>(this, "click", (event) => {
      // A quote of what the address names already changes no hash.
      if ((event.target as Element).closest('a[href^="#c-"]')) window.setTimeout(() => this.#show(true));
      const link = (event.target as Element).closest<HTMLAnchorElement>("a[data-copies]");
      if (!link || event.ctrlKey || event.metaKey || event.shiftKey || !("clipboard" in navigator)) return; // without TLS it is followed
      event.preventDefault();
      void this.#copy(link.href);
    });
    this.#show();
  }

  async #copy(address: string): Promise<void> {
    try {
      await navigator.clipboard.writeText(address);
      toast({ message: t("Link copied."), kind: "done" });
    } catch {
      location.assign(address); // not allowed: then it stands in the address bar
    }
  }

  #show(clicked = false): void {
    const id = COMMENT.exec(location.hash)?.[1];
    if (!id) return;
    const comment = document.getElementById(`c-${id}`);
    if (!comment) {
      // Not among those shown: the comment's own address brings it. Asked for and not there, it is gone.
      const asked = new URLSearchParams(location.search).get("at") === id;
      if ((clicked || !asked) && this.dataset.comments) location.replace(`${this.dataset.comments}${id}/`);
      return;
    }
    const folded = comment.closest("details");
    if (folded) folded.open = true;
    comment.scrollIntoView({ block: "center" });
    comment.focus({ preventScroll: true });
  }
}

define("tp-discussion", Discussion);
