// What <tp-chart> draws: the JSON in its <script type="application/json">.
export interface ChartRow {
  /** ISO day; rows are in order of days. */
  date: string;
  /** The measured value; null where there is none (a gap stays a gap). */
  value: number | null;
  /** What was expected without the launch, and its interval. */
  expected?: number | null;
  low?: number | null;
  high?: number | null;
  /** Why the day did not count, in the reader's words. */
  out?: string;
}

export interface ChartData {
  rows: ChartRow[];
  names: { value: string; expected?: string; band?: string; out?: string };
  /** Vertical lines: launches and other days worth a name. */
  markers?: { date: string; label: string }[];
  /** The watched days, shaded. */
  window?: { from: string; to: string };
  /** Holidays, shaded and named. */
  holidays?: { from: string; to: string; label: string }[];
  unit?: string;
  /** The axis begins at zero unless this says otherwise. */
  zero?: boolean;
}
