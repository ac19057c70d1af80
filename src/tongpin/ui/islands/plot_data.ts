// What <tp-plot> draws: the JSON in its <script type="application/json">.
export interface PlotSeries {
  name: string;
  /** null where there is nothing to measure: a gap stays a gap. */
  values: (number | null)[];
  /** One of the eight hues. */
  hue: number;
  dashed?: boolean;
}

export interface PlotData {
  kind: "line" | "bar" | "stacked";
  /** Of the columns, in the reader's words; no two alike. */
  labels: string[];
  series: PlotSeries[];
  unit?: string;
  /** Vertical lines: launches and notes, each at a label. */
  markers?: { label: string; name: string }[];
}
