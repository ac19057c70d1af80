// <tp-ways>: the ways of a node, and only these, stand out while the pointer or the focus is on it.
import { define, Island } from "@ui/island";

class Ways extends Island {
  protected connect(): void {
    for (const comes of ["pointerover", "focusin"]) this.listen(this, comes, (event) => this.#light(event.target));
    for (const goes of ["pointerleave", "focusout"]) this.listen(this, goes, () => this.#light(null));
  }

  #light(target: EventTarget | null): void {
    const node = target instanceof Element ? target.closest<SVGElement>("[data-node]")?.dataset.node : undefined;
    this.find("svg")?.toggleAttribute("data-lit", node !== undefined);
    for (const ribbon of this.querySelectorAll<SVGElement>("[data-from]")) {
      ribbon.toggleAttribute("data-lit", node !== undefined && (ribbon.dataset.from === node || ribbon.dataset.to === node));
    }
  }
}

define("tp-ways", Ways);
