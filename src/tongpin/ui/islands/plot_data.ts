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
  /** What happened: launches, notes, holidays. */
  markers?: PlotMarker[];
}

export interface PlotMarker {
  /** Index of the first and the last column it falls into. */
  from: number;
  to: number;
  label: string;
  /** Its day or days, and the family it belongs to, in the reader's words. */
  days: string;
  family: string;
  icon: string;
  /** Where it leads; "" where it leads nowhere. */
  url: string;
}
