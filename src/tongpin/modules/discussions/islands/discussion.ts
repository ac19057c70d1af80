// <tp-discussion>: an address that ends in #c-<id> leads to that comment, also where it is not among those shown, or is
// folded away with its thread. <tp-composer> (own file) is the box to write in.
import { define, Island } from "@ui/island";
import "./_composer";

const COMMENT = /^#c-([0-9a-f-]{36})$/;

class Discussion extends Island {
  protected connect(): void {
    this.listen(window, "hashchange", () => this.#show());
    this.#show();
  }

  #show(): void {
    const id = COMMENT.exec(location.hash)?.[1];
    if (!id) return;
    const comment = document.getElementById(`c-${id}`);
    if (!comment) {
      // Said before what is shown: the comment's own address brings enough. Asked once, it may be gone.
      if (!new URLSearchParams(location.search).has("show") && this.dataset.comments) location.replace(`${this.dataset.comments}${id}/`);
      return;
    }
    const folded = comment.closest("details");
    if (folded) folded.open = true;
    comment.scrollIntoView({ block: "center" });
    comment.focus({ preventScroll: true });
  }
}

define("tp-discussion", Discussion);
