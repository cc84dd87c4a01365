// Charts by Apache ECharts, cut down to what src/ui/charts draws. Options come from there as plain
// data; only what plain data cannot carry is added here: formatting functions and typed arrays.

import { BarChart, LineChart } from "echarts/charts";
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

// Draws an option. Each series gets the points of the same place in `data`, a Float64Array of x and y
// in turn. `fresh` forgets what was drawn, zoomed and hidden before.
export function update(chart, option, data, fresh) {
  option.series.forEach((series, index) => (series.data = data[index]));
  option.tooltip.valueFormatter = valueText;
  option.yAxis.axisLabel.formatter = (value) => short.format(value);
  if (option.xAxis.type === "value") option.xAxis.axisLabel.formatter = (value) => exact.format(value);
  chart.setOption(option, { notMerge: fresh, replaceMerge: ["series"], silent: true });
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
