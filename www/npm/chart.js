// Charts by Apache ECharts, cut down to what src/ui/charts draws. Options come from there as plain
// data; only what plain data cannot carry is added here: formatting functions and typed arrays.

import { BarChart, CustomChart, LineChart } from "echarts/charts";
import {
  AriaComponent,
  DataZoomInsideComponent,
  DataZoomSliderComponent,
  GridComponent,
  LegendScrollComponent,
  TooltipComponent,
} from "echarts/components";
import { init, use } from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";

use([
  AriaComponent,
  BarChart,
  CanvasRenderer,
  CustomChart,
  DataZoomInsideComponent,
  DataZoomSliderComponent,
  GridComponent,
  LegendScrollComponent,
  LineChart,
  TooltipComponent,
]);

const exact = new Intl.NumberFormat("en", { maximumSignificantDigits: 9 });
const short = new Intl.NumberFormat("en", { notation: "compact", maximumSignificantDigits: 4 });

const valueText = (value) => (typeof value === "number" && value === value ? exact.format(value) : "–");

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
    { legend: { type: "scroll" }, dataZoom: [{ type: "inside" }, { type: "slider" }], tooltip: { trigger: "axis" } },
  ];
  for (const step of steps) {
    await new Promise((resolve) => setTimeout(resolve, 30));
    chart.setOption(step);
  }
  chart.dispose();
}

// Creates an empty chart that fills the element.
export function create(element) {
  return init(element, null, { renderer: "canvas" });
}

// Draws an option. Each series gets the points of the same place in `data`, a Float64Array of its
// dimensions in turn, and tells the pointer what the same place in `told` says of each point: an estimate
// and the ends of its interval, in turn, where NaN as an end means that the value is no estimate. `fresh`
// forgets what was drawn, zoomed and hidden before.
export function update(chart, option, data, told, fresh) {
  option.series.forEach((series, index) => {
    series.data = data[index];
    if (told[index].length > 0) series.tooltip = { valueFormatter: (_, point) => estimateText(told[index], point) };
    if (series.interval === "band") series.renderItem = (params, api) => band(series, params, api);
    if (series.interval === "whisker") series.renderItem = (_, api) => whisker(chart, series, api);
  });
  option.tooltip.valueFormatter = valueText;
  option.yAxis.axisLabel.formatter = (value) => short.format(value);
  if (option.xAxis.type === "value") option.xAxis.axisLabel.formatter = (value) => exact.format(value);
  chart.setOption(option, { notMerge: fresh, replaceMerge: ["series"], silent: true });
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

// The chart as a picture on the given background, without what only serves to zoom: a promise of a PNG
// blob.
export function png(chart, background) {
  const slider = chart.getOption().dataZoom[1].show;
  const show = (shown) => chart.setOption({ dataZoom: [{}, { show: shown }] }, { silent: true });
  show(false);
  const canvas = chart.renderToCanvas({ pixelRatio: 2, backgroundColor: background });
  show(slider);
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("The browser made no picture."))), "image/png");
  });
}

// Gives back the chart's memory. The element can hold another one afterwards.
export function dispose(chart) {
  chart.dispose();
}
