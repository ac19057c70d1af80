// What every chart has around its drawing: the table twin and the picture to save.
import { t } from "./i18n";
import { toast } from "./toast";

interface Drawer {
  png(plot: HTMLElement, caption: { title: string; says: string; legend: HTMLElement[] }): Promise<Blob>;
}

/** Show the table in the drawing's place, or the drawing again; true if the drawing is to be seen. */
export function twin(host: HTMLElement, button: HTMLElement): boolean {
  const table = host.querySelector<HTMLElement>(".chart-table");
  const plot = host.querySelector<HTMLElement>(".chart-plot");
  if (!table || !plot) return false;
  table.hidden = !table.hidden;
  plot.hidden = !table.hidden;
  const picture = host.querySelector<HTMLElement>("[data-png]");
  if (picture) picture.hidden = plot.hidden; // of a drawing that is not to be seen there is no picture
  button.setAttribute("aria-pressed", String(!table.hidden));
  return !plot.hidden;
}

/** Save the drawing as PNG, with the title, sentence and legend that make it understood alone. */
export async function savePicture(host: HTMLElement, drawer: Drawer | null): Promise<void> {
  const plot = host.querySelector<HTMLElement>(".chart-plot");
  if (!plot || !drawer) return;
  const { title, label, says, file } = host.dataset;
  try {
    const legend = [...host.querySelectorAll<HTMLElement>(".chart-legend li")];
    const picture = await drawer.png(plot, { title: title ?? label ?? "", says: says ?? "", legend });
    const link = document.createElement("a");
    link.href = URL.createObjectURL(picture);
    link.download = `${file ?? label ?? "chart"}.png`;
    link.click();
    window.setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  } catch {
    toast({ message: t("The picture could not be made."), kind: "error" });
  }
}
