// Several lines or bars at once, for insights and dashboards: the parts of ECharts it takes, in the page's colours.
import { BarChart, LineChart } from "echarts/charts";
import { GridComponent, MarkAreaComponent, MarkLineComponent } from "echarts/components";
import * as echarts from "echarts/core";
import { SVGRenderer } from "echarts/renderers";
import type { PlotData } from "../plot_data";
import { colours, type Engine } from "./chart_engine";

export { create, png } from "./chart_engine";

echarts.use([BarChart, LineChart, GridComponent, MarkAreaComponent, MarkLineComponent, SVGRenderer]);

export const HUES = 8;

export function draw(engine: Engine, plot: HTMLElement, data: PlotData, cursor: number | null): void {
  const ink = colours(plot);
  const style = getComputedStyle(plot);
  const small = plot.clientWidth < 480;
  const text = { color: ink("--ink-2"), fontFamily: style.fontFamily, fontSize: 12 };
  const numbers = new Intl.NumberFormat(document.documentElement.lang, { maximumFractionDigits: 2, notation: "compact" });
  const whole = data.series.every((each) => each.values.every((value) => value === null || Number.isInteger(value)));
  const at = cursor === null ? null : data.labels[cursor];
  const bars = data.kind !== "line";
  const columns = [...new Set((data.markers ?? []).map((marker) => marker.from))].map((column) => data.labels[column] ?? "");
  const days = columns.map((label) => ({ xAxis: label, lineStyle: { color: ink("--edge-strong"), width: 1, type: "dashed" as const }, label: { show: false } }));
  const spans = (data.markers ?? []).filter((marker) => marker.to > marker.from)
    .map((marker) => [{ xAxis: data.labels[marker.from], itemStyle: { color: ink("--ink", 0.05) } }, { xAxis: data.labels[marker.to] }]);
  const hand = at == null || bars ? [] : [{ xAxis: at, lineStyle: { color: ink("--edge-strong"), width: 1, type: "solid" as const }, label: { show: false } }];
  engine.setOption({
    animation: false,
    textStyle: text,
    grid: { left: 8, right: small && !bars ? 40 : 12, top: 28, bottom: 4, containLabel: true },
    xAxis: {
      type: "category", data: data.labels, boundaryGap: bars, axisTick: { show: false }, axisLine: { lineStyle: { color: ink("--edge") } },
      axisLabel: { ...text, hideOverlap: true, margin: 10, interval: "auto", showMaxLabel: !small },
    },
    yAxis: {
      type: "value", minInterval: whole ? 1 : 0, splitNumber: small ? 3 : 5, axisLabel: { ...text, formatter: (n: number) => `${numbers.format(n)}${data.unit ?? ""}` },
      splitLine: { lineStyle: { color: ink("--line-soft") } },
    },
    series: data.series.map((each, index) => {
      const colour = ink(`--hue-${each.hue}`);
      const marks = index ? {} : { markLine: { symbol: "none", silent: true, animation: false, data: [...days, ...hand] }, markArea: { silent: true, animation: false, data: spans } };
      if (bars) {
        return {
          type: "bar" as const, name: each.name, animation: false, silent: true, data: each.values.map((value, position) => ({
            value, itemStyle: { color: ink(`--hue-${each.hue}`, cursor === null || cursor === position ? 1 : 0.6), borderRadius: 2 },
          })),
          barMaxWidth: 36, ...(data.kind === "stacked" ? { stack: "all" } : {}), ...marks,
        };
      }
      return {
        type: "line" as const, name: each.name, animation: false, silent: true, data: each.values, z: 10 - Math.min(index, 8),
        lineStyle: { color: colour, width: 2, join: "round" as const, type: each.dashed ? "dashed" as const : "solid" as const },
        itemStyle: { color: colour, borderColor: ink("--surface"), borderWidth: 2 }, symbol: "circle", showSymbol: true,
        symbolSize: (_: unknown, point: { dataIndex: number }) => (point.dataIndex === cursor || lonely(each.values, point.dataIndex) ? 8 : 0), ...marks,
      };
    }),
  } as Parameters<Engine["setOption"]>[0], { notMerge: true });
}

/** A value between two gaps is no line: it needs a dot to be seen. */
function lonely(values: (number | null)[], at: number): boolean {
  return values[at] != null && values[at - 1] == null && values[at + 1] == null;
}

export function columnAt(engine: Engine, x: number, y: number, count: number): number | null {
  if (!engine.containPixel("grid", [x, y])) return null;
  return Math.max(0, Math.min(count - 1, Math.round(Number(engine.convertFromPixel({ xAxisIndex: 0 }, x)))));
}

/** Where a column stands, in pixels from the left end of the drawing. */
export function columnX(engine: Engine, column: number): number {
  return Number(engine.convertToPixel({ xAxisIndex: 0 }, column));
}

/** Which of the series is closest to a height, at a column; null where none has a value. */
export function seriesAt(engine: Engine, data: PlotData, column: number, y: number): number | null {
  if (data.kind === "stacked") {
    const value = Number(engine.convertFromPixel({ yAxisIndex: 0 }, y));
    let [up, down] = [0, 0];
    for (const [index, each] of data.series.entries()) {
      const own = each.values[column] ?? 0;
      const [from, to] = own < 0 ? [down + own, down] : [up, up + own];
      if (own < 0) down += own; else up += own;
      if (own && value >= from && value <= to) return index;
    }
    return null;
  }
  let best: { index: number; far: number } | null = null;
  for (const [index, each] of data.series.entries()) {
    const value = each.values[column];
    if (value == null) continue;
    const far = Math.abs(engine.convertToPixel({ yAxisIndex: 0 }, value) - y);
    if (!best || far < best.far) best = { index, far };
  }
  return best?.index ?? null;
}
