// Charts by Apache ECharts, cut down to what src/ui/charts draws. Options come from there as plain
// data; only what plain data cannot carry is added here: formatting functions and typed arrays.

import { BarChart, BoxplotChart, CustomChart, HeatmapChart, LineChart, ScatterChart } from "echarts/charts";
import {
  AriaComponent,
  AxisPointerComponent,
  BrushComponent,
  DataZoomInsideComponent,
  DataZoomSliderComponent,
  GridComponent,
  LegendScrollComponent,
  TooltipComponent,
  VisualMapContinuousComponent,
} from "echarts/components";
import { init, use } from "echarts/core";
import { CanvasRenderer, SVGRenderer } from "echarts/renderers";

use([
  AriaComponent,
  AxisPointerComponent,
  BarChart,
  BoxplotChart,
  BrushComponent,
  CanvasRenderer,
  CustomChart,
  DataZoomInsideComponent,
  DataZoomSliderComponent,
  GridComponent,
  HeatmapChart,
  LegendScrollComponent,
  LineChart,
  SVGRenderer,
  ScatterChart,
  TooltipComponent,
  VisualMapContinuousComponent,
]);

// Numbers as the language of the page writes them, which may change.
const numbers = (options) => {
  const formats = new Map();
  return {
    format(value) {
      const { lang } = document.documentElement;
      if (!formats.has(lang)) formats.set(lang, new Intl.NumberFormat(lang || "en", options));
      return formats.get(lang).format(value);
    },
  };
};
const exact = numbers({ maximumSignificantDigits: 9 });
const short = numbers({ notation: "compact", maximumSignificantDigits: 4 });
const locale = () => (document.documentElement.lang.startsWith("zh") ? "ZH" : "EN");

const valueText = (value) => (typeof value === "number" && value === value ? exact.format(value) : "–");

// Numbers on axes by the unit of their column, which `src/ui/charts/unit.rs` names.
const scaled = (value, factor, names) => {
  let unit = 0;
  while (Math.abs(value) >= factor && unit + 1 < names.length) {
    value /= factor;
    unit += 1;
  }
  return `${short.format(value)} ${names[unit]}`;
};
const seconds = (value) => {
  const size = Math.abs(value);
  if (size >= 86400) return `${short.format(value / 86400)} d`;
  if (size >= 3600) return `${short.format(value / 3600)} h`;
  if (size >= 60) return `${short.format(value / 60)} min`;
  if (size >= 1 || size === 0) return `${short.format(value)} s`;
  return size >= 1e-3 ? `${short.format(value * 1e3)} ms` : `${short.format(value * 1e6)} µs`;
};
const byUnit = {
  plain: (value) => short.format(value),
  bytes: (value) => scaled(value, 1000, ["B", "kB", "MB", "GB", "TB", "PB"]),
  milliseconds: (value) => seconds(value / 1000),
  seconds,
  percent: (value) => `${short.format(value)} %`,
};

// What is drawn in each chart, to draw it once more as a file: option, data and what the pointer is told.
const drawn = new WeakMap();

// Draws a chart that nobody sees, in steps: the first drawing takes several times as long as later ones,
// too long for a moment in which people watch the page.
export async function warm() {
  const chart = init(document.createElement("div"), null, { renderer: "canvas", width: 600, height: 300 });
  const series = { name: " ", data: Float64Array.of(0, 0, 1e9, 1), dimensions: ["x", "y"] };
  const steps = [
    { animation: false, xAxis: { type: "time" }, yAxis: { type: "value" } },
    { series: [{ ...series, type: "line" }] },
    { series: [{ ...series, type: "line" }, { ...series, type: "bar" }] },
    { series: [{ ...series, type: "custom", renderItem: () => null }] },
    { series: [{ ...series, type: "scatter" }] },
    { legend: { type: "scroll" }, dataZoom: [{ type: "inside" }, { type: "slider" }], tooltip: { trigger: "axis" } },
  ];
  for (const step of steps) {
    await new Promise((resolve) => setTimeout(resolve, 30));
    chart.setOption(step);
  }
  chart.dispose();
}

// Creates an empty chart that fills the element. `hear` is told what is `picked`, by the ends of the selection
// on one or both axes, what is `picking` while that goes on, and whether the chart is `zoomed`.
export function create(element, hear) {
  const chart = init(element, null, { renderer: "canvas", locale: locale() });
  const tell = (what) => ({ areas }) => {
    const ends = areas[0]?.coordRange?.flat() ?? [];
    hear(what, ends.every(Number.isFinite) ? ends : []);
  };
  chart.on("brush", tell("picking"));
  chart.on("brushEnd", tell("picked"));
  // A click on a bar or a cell selects what it stands for.
  chart.on("click", ({ componentType, seriesType, value }) => {
    if (componentType !== "series" || !["bar", "boxplot", "heatmap"].includes(seriesType)) return;
    const [x, y] = Array.from(value);
    hear("picked", seriesType === "heatmap" ? [x, x, y, y] : [x, x]);
  });
  chart.on("datazoom", () => {
    const [start, end] = part(chart);
    hear("zoomed", start > 0.01 || end < 99.99 ? [1] : []);
  });
  return chart;
}

// Ends of the part of the horizontal axis that is shown, in percent.
const part = (chart) => chart.getModel().getComponent("dataZoom", 0)?.getPercentRange() ?? [0, 100];

// Draws an option. Each series gets the points of the same place in `data`, a Float64Array of its
// dimensions in turn, and tells the pointer what the same place in `told` says of each point: an estimate
// and the ends of its interval, in turn, where NaN as an end means that the value is no estimate. `fresh`
// forgets what was drawn, zoomed and hidden before.
export function update(chart, option, data, told, fresh) {
  drawn.set(chart, { option: structuredClone(option), data, told });
  complete(chart, option, data, told);
  // Panels come and go with their series.
  const replaceMerge = Array.isArray(option.grid) ? ["series", "grid", "xAxis", "yAxis"] : ["series"];
  chart.setOption(option, { notMerge: fresh, replaceMerge: fresh ? [] : replaceMerge, silent: true });
}

// Adds to an option what plain data cannot carry.
function complete(chart, option, data, told) {
  option.series.forEach((series, index) => {
    series.data = data[index];
    if (told[index].length > 0) series.tooltip = { valueFormatter: (_, point) => estimateText(told[index], point) };
    if (series.interval === "band") series.renderItem = (params, api) => band(series, params, api);
    if (series.interval === "whisker") series.renderItem = (_, api) => whisker(chart, series, api);
    if (series.largestSize !== undefined) {
      const most = series.largestSize || 1;
      series.symbolSize = (value) => Math.max(3, series.largestPx * Math.sqrt(Math.max(0, value[2]) / most));
    }
  });
  option.tooltip.valueFormatter = valueText;
  if (option.tooltip.tells) option.tooltip.formatter = (point) => tell(chart, option, point);
  for (const axis of [option.xAxis, option.yAxis].flat()) {
    const { unit } = axis.axisLabel;
    if (axis.binned) axis.axisLabel.formatter = (label) => label.split(" – ")[0];
    if (axis.type === "time" || axis.type === "category") continue;
    // The numbers along the horizontal axis are often years or keys, which are told with all digits.
    const isPlainX = [option.xAxis].flat().includes(axis) && unit === "plain";
    axis.axisLabel.formatter = isPlainX ? (value) => exact.format(value) : (byUnit[unit] ?? byUnit.plain);
  }
  if (option.visualMap) {
    const { min, max, unit } = option.visualMap;
    option.visualMap.text = [max, min].map(byUnit[unit] ?? byUnit.plain);
  }
}

// What the pointer is told of a point, a box or a cell: as elements, because names are other people's texts.
function tell(chart, option, { seriesName, value, seriesType }) {
  const { tells, unit, names, value: valueName } = option.tooltip;
  const axisText = (axis, at) => {
    if (axis.type === "category") return axis.data[at];
    if (axis.type === "time") return new Date(at).toISOString().replace("T", " ").replace(/(:00)?(\.000)?Z$/, "");
    return exact.format(at);
  };
  const [xAxis, yAxis] = [[option.xAxis].flat()[0], [option.yAxis].flat()[0]];
  const lines = [];
  if (tells === "cell") {
    lines.push(`${axisText(xAxis, value[0])} · ${axisText(yAxis, value[1])}`, `${valueName}: ${valueText(value[2])}`);
  } else if (tells === "box" && seriesType === "boxplot") {
    const told = ["lower whisker", "lower quartile", "median", "upper quartile", "upper whisker"];
    lines.push(`${axisText(xAxis, value[0])} · ${seriesName}`);
    told.map((name, index) => `${name}: ${valueText(value[index + 1])}`).reverse().forEach((line) => lines.push(line));
  } else {
    lines.push(seriesName, `${names?.[0] ?? xAxis.name}: ${axisText(xAxis, value[0])}`, `${valueText(value[1])}`);
    if (names?.[1]) lines.push(`${names[1]}: ${valueText(value[2])}`);
  }
  if (unit && unit !== "plain" && tells === "cell") lines.push(byUnit[unit](value[2]));
  const element = document.createElement("div");
  for (const line of lines) {
    const row = element.appendChild(document.createElement("div"));
    row.textContent = line;
  }
  if (element.firstChild) element.firstChild.style.fontWeight = "600";
  return element;
}

// Whether dragging selects.
export function arm(chart, on) {
  const brush = chart.getModel()?.getComponent("brush");
  if (!brush) return;
  const brushOption = { brushType: on ? brush.get("brushType") : false, brushMode: "single" };
  chart.dispatchAction({ type: "takeGlobalCursor", key: "brush", brushOption });
}

// Shows a selection along the horizontal axis; without ends, none.
export function select(chart, ends) {
  const area = { brushType: "lineX", xAxisIndex: 0, coordRange: Array.from(ends) };
  chart.dispatchAction({ type: "brush", areas: ends.length === 0 ? [] : [area] });
}

// Shows a part of the horizontal axis; without ends, all of it.
export function zoom(chart, ends) {
  const shown = ends.length === 0 ? { start: 0, end: 100 } : { startValue: ends[0], endValue: ends[1] };
  chart.dispatchAction({ type: "dataZoom", batch: [0, 1].map((dataZoomIndex) => ({ dataZoomIndex, ...shown })) });
}

// Shows what the pointer would tell at a position of the horizontal axis; nothing when it is NaN.
export function point(chart, position) {
  const { option, data } = drawn.get(chart) ?? {};
  if (position !== position || !option) {
    chart.dispatchAction({ type: "hideTip" });
    return;
  }
  if (option.tooltip.trigger === "axis") {
    const grid = chart.getModel().getComponent("grid").coordinateSystem.getRect();
    const x = chart.convertToPixel({ xAxisIndex: 0 }, position);
    chart.dispatchAction({ type: "showTip", x, y: grid.y + grid.height / 2 });
    return;
  }
  const width = option.series[0].dimensions.length;
  const dataIndex = data[0].findIndex((number, index) => index % width === 0 && number === position) / width;
  if (dataIndex >= 0) chart.dispatchAction({ type: "showTip", seriesIndex: 0, dataIndex });
}

function estimateText(told, point) {
  const [value, low, high] = told.subarray(3 * point, 3 * point + 3);
  if (!(low <= high)) return `${valueText(value)}${value === value ? " so far" : ""}`;
  // Digits far behind the width of the interval mean nothing; `charts/estimate_text.rs` gives the source.
  const unit = 10 ** (Math.floor(Math.log10((high - low) / 2)) - 1);
  const rounded = (number) => exact.format(unit > 0 ? Math.round(number / unit) * unit : number);
  return `≈ ${rounded(value)} (${rounded(low)} to ${rounded(high)})`;
}

// The whole band comes with the first point, because pieces would show their seams. It has a piece for each
// run of points that have an interval, and a bar for one that stands alone.
function band(series, params, api) {
  if (params.dataIndexInside > 0) return null;
  const children = [];
  let run = [];
  const end = () => {
    if (run.length > 1) {
      const points = [...run.map(([high]) => high), ...run.map(([, low]) => low).reverse()];
      children.push({ type: "polygon", shape: { points }, style: { fill: series.bandColor, opacity: series.bandOpacity } });
    } else if (run.length === 1) {
      const [[x1, y1], [x2, y2]] = run[0];
      const style = { stroke: series.bandColor, lineWidth: 5, opacity: 1.5 * series.bandOpacity };
      children.push({ type: "line", shape: { x1, y1, x2, y2 }, style });
    }
    run = [];
  };
  for (let index = 0; index < params.dataInsideLength; index++) {
    const [x, low, high] = [0, 1, 2].map((dimension) => api.value(dimension, index));
    if (low <= high) run.push([api.coord([x, high]), api.coord([x, low])]);
    else end();
  }
  end();
  return { type: "group", children };
}

// A whisker stands in the middle of its bar. Only the bar's own series knows where among the others that is.
function whisker(chart, series, api) {
  const [x, low, high] = [0, 1, 2].map((dimension) => api.value(dimension));
  if (!(low <= high)) return null;
  const bars = chart.getModel().getSeriesByIndex(series.around).getData();
  const size = bars.getLayout("size") ?? 0;
  const shift = (bars.getLayout("offset") ?? -size / 2) + size / 2;
  const [middle, top] = api.coord([x, high]);
  const bottom = api.coord([x, low])[1];
  const half = Math.min(size / 3, 6);
  const style = { stroke: series.whiskerColor, lineWidth: 1.25, opacity: 0.85 };
  const line = (x1, y1, x2, y2) => ({ type: "line", shape: { x1, y1, x2, y2 }, style });
  const center = middle + shift;
  const ends = half < 1 ? [] : [top, bottom].map((y) => line(center - half, y, center + half, y));
  return { type: "group", children: [line(center, top, center, bottom), ...ends] };
}

// Fits the chart to its element.
export function resize(chart) {
  chart.resize();
}

// The chart as a file on the given background, without what only serves to zoom and to select: a promise of a
// blob, of a `png` or `svg`.
export async function picture(chart, kind, background) {
  const { option, data, told } = drawn.get(chart);
  const [width, height] = [chart.getWidth(), chart.getHeight()];
  const isPng = kind === "png";
  const settings = { width, height, locale: locale(), ...(!isPng && { renderer: "svg", ssr: true }) };
  const file = init(isPng ? document.createElement("div") : null, null, settings);
  try {
    const still = { ...structuredClone(option), backgroundColor: background };
    complete(file, still, data, told);
    const [start, end] = part(chart);
    const slider = still.dataZoom[1].show;
    still.dataZoom = [{ type: "inside", filterMode: "none", start, end }];
    if (slider && !Array.isArray(still.grid)) still.grid.bottom = 28;
    still.legend.selected = chart.getModel().getComponent("legend")?.option.selected;
    // Names beyond the first page of the legend would be missing.
    still.legend.type = "plain";
    file.setOption({ ...still, brush: undefined, tooltip: undefined });
    if (!isPng) return new Blob([file.renderToSVGString()], { type: "image/svg+xml" });
    return await new Promise((resolve, reject) => {
      const done = (blob) => (blob ? resolve(blob) : reject(new Error("The browser made no picture.")));
      file.renderToCanvas({ pixelRatio: 2, backgroundColor: background }).toBlob(done, "image/png");
    });
  } finally {
    file.dispose();
  }
}

// Puts the chart into the clipboard. The item is made at once, because browsers allow that only right after a
// click, and its picture follows.
export function copy(chart, background) {
  const item = new ClipboardItem({ "image/png": picture(chart, "png", background) });
  return navigator.clipboard.write([item]);
}

// Gives back the chart's memory. The element can hold another one afterwards.
export function dispose(chart) {
  chart.dispose();
}
