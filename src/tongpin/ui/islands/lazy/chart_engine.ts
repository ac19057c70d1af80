// The drawing itself: the parts of ECharts in use, as SVG, in the page's colours. A chunk of its own.
import { LineChart } from "echarts/charts";
import { GridComponent, MarkAreaComponent, MarkLineComponent } from "echarts/components";
import * as echarts from "echarts/core";
import { SVGRenderer } from "echarts/renderers";
import type { ChartData } from "../chart_data";

echarts.use([LineChart, GridComponent, MarkLineComponent, MarkAreaComponent, SVGRenderer]);

export type Engine = ReturnType<typeof echarts.init>;

/** A token as rgb(): the drawing knows neither oklch nor light-dark(). */
export function colours(host: HTMLElement): (token: string, alpha?: number) => string {
  const probe = document.createElement("span");
  host.append(probe);
  const pen = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const cache = new Map<string, string>();
  const read = (token: string, alpha = 1) => {
    const key = `${token} ${alpha}`;
    const known = cache.get(key);
    if (known || !pen) return known ?? "#888";
    probe.style.color = `var(${token})`;
    pen.fillStyle = getComputedStyle(probe).color;
    pen.fillRect(0, 0, 1, 1);
    const [r, g, b] = pen.getImageData(0, 0, 1, 1).data;
    const made = `rgba(${r},${g},${b},${alpha})`;
    cache.set(key, made);
    return made;
  };
  queueMicrotask(() => probe.remove());
  return read;
}

export function create(plot: HTMLElement): Engine {
  return echarts.init(plot, null, { renderer: "svg" });
}

export function draw(engine: Engine, plot: HTMLElement, data: ChartData, cursor: number | null): void {
  const ink = colours(plot);
  const { rows } = data;
  const style = getComputedStyle(plot);
  const days = rows.map((row) => row.date);
  const small = plot.clientWidth < 480;
  const text = { color: ink("--ink-2"), fontFamily: style.fontFamily, fontSize: 12 };
  const numbers = new Intl.NumberFormat(document.documentElement.lang, { maximumFractionDigits: 2, notation: "compact" });
  const short = new Intl.DateTimeFormat(document.documentElement.lang, { month: "short", day: "numeric", timeZone: "UTC" });
  // No "0.5 events" on the axis of a count; a unit such as % is no count.
  const counts = !data.unit && rows.every((row) => (row.value === null || Number.isInteger(row.value)) && row.expected == null);
  const hasBand = rows.some((row) => row.low != null);
  const plain = { type: "line" as const, symbol: "none", animation: false, silent: true, z: 2 };
  const lines = (data.markers ?? []).map((marker) => ({
    xAxis: marker.date, lineStyle: { color: ink("--warn"), width: 1.5, type: "dashed" as const },
    label: { formatter: marker.label, color: ink("--ink-2"), fontSize: 12, fontFamily: style.fontFamily, position: "end" as const, distance: 4 },
  }));
  const at = cursor === null ? null : rows[cursor];
  const cursors = at ? [{ xAxis: at.date, lineStyle: { color: ink("--accent"), width: 1.5, type: "solid" as const }, label: { show: false } }] : [];
  const areas = [
    ...(data.window ? [[{ xAxis: data.window.from, itemStyle: { color: ink("--accent", 0.06) } }, { xAxis: data.window.to }]] : []),
    ...(data.holidays ?? []).map((day) => [
      { xAxis: day.from, name: day.label, itemStyle: { color: ink("--ink", 0.05) }, label: { color: ink("--ink-3"), fontSize: 11, fontFamily: style.fontFamily, position: "insideBottom" as const } },
      { xAxis: day.to },
    ]),
  ];
  engine.setOption({
    animation: false,
    textStyle: text,
    grid: { left: 8, right: 12, top: 28, bottom: 4, containLabel: true },
    xAxis: {
      type: "category", data: days, boundaryGap: false, axisTick: { show: false }, axisLine: { lineStyle: { color: ink("--edge") } },
      axisLabel: { ...text, hideOverlap: true, margin: 10, interval: "auto", showMaxLabel: !small, formatter: (day: string) => short.format(new Date(`${day}T00:00:00Z`)) },
    },
    yAxis: {
      type: "value", minInterval: counts ? 1 : 0, scale: data.zero === false, splitNumber: small ? 3 : 5, axisLabel: { ...text, formatter: (n: number) => `${numbers.format(n)}${data.unit ?? ""}` },
      splitLine: { lineStyle: { color: ink("--line-soft") } },
    },
    series: [
      ...(hasBand ? [
        { ...plain, data: rows.map((row) => row.low ?? null), stack: "band", stackStrategy: "all" as const, lineStyle: { opacity: 0 }, z: 1 },
        { ...plain, data: rows.map((row) => (row.high != null && row.low != null ? row.high - row.low : null)), stack: "band", stackStrategy: "all" as const, lineStyle: { opacity: 0 }, areaStyle: { color: ink("--accent", 0.13) }, z: 1 },
      ] : []),
      { ...plain, data: rows.map((row) => row.expected ?? null), lineStyle: { color: ink("--ink-3"), width: 1.5, type: "dashed" } },
      ...(rows.some((row) => row.out) ? [{
        ...plain, data: rows.map((row) => (row.out ? row.value : null)), z: 4, symbol: "circle", showSymbol: true, showAllSymbol: true, symbolSize: 7,
        lineStyle: { opacity: 0 }, itemStyle: { color: ink("--surface"), borderColor: ink("--warn"), borderWidth: 2 },
      }] : []),
      {
        ...plain, data: rows.map((row) => row.value), z: 3, lineStyle: { color: ink("--accent"), width: 2, join: "round" as const },
        markLine: { symbol: "none", silent: true, animation: false, data: [...lines, ...cursors] },
        markArea: { silent: true, animation: false, data: areas },
        ...(at?.value != null ? { symbol: "circle", showSymbol: true, symbolSize: (_: unknown, point: { dataIndex: number }) => (point.dataIndex === cursor ? 8 : 0), itemStyle: { color: ink("--accent"), borderColor: ink("--surface"), borderWidth: 2 } } : { showSymbol: false }),
      },
    ],
  } as Parameters<Engine["setOption"]>[0], { notMerge: true });
}

/** The row under a point of the plot, or null outside the grid. */
export function rowAt(engine: Engine, x: number, y: number, count: number): number | null {
  if (!engine.containPixel("grid", [x, y])) return null;
  const found = engine.convertFromPixel({ xAxisIndex: 0 }, x);
  return Math.max(0, Math.min(count - 1, Math.round(Number(found))));
}

export interface Caption {
  title: string;
  says: string;
  legend: HTMLElement[];
}

/** The drawing as PNG at twice its size, on the page's surface, with what one must know to read it alone. */
export async function png(plot: HTMLElement, caption: Caption): Promise<Blob> {
  const svg = plot.querySelector("svg");
  if (!svg) throw new Error("nothing drawn");
  const { width, height } = svg.getBoundingClientRect();
  const copy = svg.cloneNode(true) as SVGSVGElement;
  copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  copy.setAttribute("width", String(width));
  copy.setAttribute("height", String(height));
  const picture = new Image();
  picture.src = URL.createObjectURL(new Blob([new XMLSerializer().serializeToString(copy)], { type: "image/svg+xml" }));
  await picture.decode();
  const canvas = document.createElement("canvas");
  const pen = canvas.getContext("2d");
  if (!pen) throw new Error("no canvas");
  const ink = colours(plot);
  const family = getComputedStyle(plot).fontFamily;
  const fonts = { title: `600 17px ${family}`, says: `14px ${family}`, legend: `12px ${family}` };
  const lines = [
    ...wrapped(pen, fonts.title, caption.title, width - 32).map((text) => ({ text, font: fonts.title, ink: "--ink" })),
    ...wrapped(pen, fonts.says, caption.says, width - 32).map((text) => ({ text, font: fonts.says, ink: "--ink-2" })),
  ];
  const head = 20 + lines.length * 24 + 24;
  canvas.width = width * 2;
  canvas.height = (height + head) * 2;
  pen.scale(2, 2);
  pen.fillStyle = ink("--surface");
  pen.fillRect(0, 0, width, height + head);
  lines.forEach((line, at) => {
    pen.font = line.font;
    pen.fillStyle = ink(line.ink);
    pen.fillText(line.text, 16, 32 + at * 24);
  });
  pen.font = fonts.legend;
  let x = 16;
  for (const item of caption.legend) {
    key(pen, ink, item.className, x, head - 12);
    pen.fillStyle = ink("--ink-2");
    pen.fillText(item.textContent ?? "", x + 22, head - 8);
    x += pen.measureText(item.textContent ?? "").width + 38;
  }
  pen.drawImage(picture, 0, head, width, height);
  URL.revokeObjectURL(picture.src);
  return new Promise((done, failed) => canvas.toBlob((blob) => (blob ? done(blob) : failed(new Error("no picture"))), "image/png"));
}

/** One sign of the legend, as the page's style sheet draws it. */
function key(pen: CanvasRenderingContext2D, ink: ReturnType<typeof colours>, name: string, x: number, y: number): void {
  pen.save();
  pen.lineWidth = 2;
  const hue = /k-hue-\d/.exec(name)?.[0];
  pen.strokeStyle = ink(hue ? `--${hue.slice(2)}` : { "k-accent": "--accent", "k-marker": "--warn", "k-out": "--warn" }[name] ?? "--ink-3");
  if (/k-dashed|k-marker/.test(name)) pen.setLineDash([4, 3]);
  pen.beginPath();
  if (name === "k-band") {
    pen.fillStyle = ink("--accent", 0.18);
    pen.fillRect(x, y - 5, 16, 10);
  } else if (name === "k-marker") {
    pen.moveTo(x + 8, y - 7);
    pen.lineTo(x + 8, y + 7);
  } else if (name === "k-out") pen.arc(x + 8, y, 3.5, 0, 2 * Math.PI);
  else {
    pen.moveTo(x, y);
    pen.lineTo(x + 16, y);
  }
  pen.stroke();
  pen.restore();
}

/** The text in lines that fit; Chinese may break at any character. */
function wrapped(pen: CanvasRenderingContext2D, font: string, text: string, width: number): string[] {
  pen.font = font;
  const lines: string[] = [];
  let line = "";
  for (const part of text.match(/[\u2e80-\uffef]|[^\s\u2e80-\uffef]+\s*|\s+/g) ?? []) {
    if (line && pen.measureText(line + part).width > width) {
      lines.push(line.trim());
      line = "";
    }
    line += part;
  }
  return line.trim() ? [...lines, line.trim()] : lines;
}
