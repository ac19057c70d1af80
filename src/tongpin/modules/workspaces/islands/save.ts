// <tp-save data-name="codes.txt">: its button saves the text in data-save as a file, for what the server will not show again.
import { define, Island } from "@ui/island";

class Save extends Island {
  protected connect(): void {
    this.listen<MouseEvent>(this, "click", (event) => {
      const text = (event.target as Element).closest<HTMLElement>("[data-save]")?.dataset.save;
      if (text === undefined) return;
      const link = document.createElement("a");
      link.href = URL.createObjectURL(new Blob([text], { type: "text/plain" }));
      link.download = this.dataset.name ?? "";
      link.click();
      window.setTimeout(() => URL.revokeObjectURL(link.href), 1000);
    });
  }
}

define("tp-save", Save);
