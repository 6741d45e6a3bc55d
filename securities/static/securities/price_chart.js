// Draws the JSON columns at the element's data-url: `times` (UTC seconds), the figures named by data-figures (one or
// more, with commas, drawn over each other; where the answer has `lines`, those of them that it lists), and `volumes`
// where there are any. `shown` is the stretch of time to begin with, `marked` are times that get a line. A choice of adjustment on the page goes along as a
// parameter.
"use strict";

const LINE = { stroke: "#417690", width: 1.5 };
// Drawn over each other: the first broad and pale, so that it is seen where another one covers it.
const LINES = [{ stroke: "#79aec8", width: 6 }, { stroke: "#ba2121", width: 1.5 }, { stroke: "#1b7a1b", width: 2, dash: [6, 4] }];
const MARK = "#e0a800";
// A few bars are drawn as points, too: one alone would be no line.
const FEW = 20;
// From this ratio of the highest figure to the lowest on, equal factors are drawn as equal distances.
const STEEP = 8;

const isSteep = (columns) => {
  const figures = columns.flat().filter((figure) => figure != null);
  const lowest = figures.reduce((a, b) => Math.min(a, b), Infinity);
  return lowest > 0 && figures.reduce((a, b) => Math.max(a, b), 0) / lowest >= STEEP;
};

document.addEventListener("DOMContentLoaded", async () => {
  const place = document.getElementById("price-chart");
  if (!place) return;
  const { url, figures, label, empty } = place.dataset;
  const choice = document.getElementById("price-chart-adjusted");
  const theme = getComputedStyle(document.documentElement);
  const ink = theme.getPropertyValue("--body-fg").trim() || "#333";
  const faint = theme.getPropertyValue("--hairline-color").trim() || "#ddd";
  const say = (text) => { place.textContent = text; };
  const shown = (format) => (_chart, figure) => figure == null ? "–" : format(figure);

  const draw = async () => {
    const query = choice ? `?adjusted=${choice.value}` : "";
    const response = await fetch(url + query, { headers: { Accept: "application/json" } });
    if (!response.ok) return say("The figures could not be read.");
    const answer = await response.json();
    const { times, volumes, currency, shown: stretch, marked = [] } = answer;
    if (!times.length) return say(empty);
    place.textContent = "";
    const axis = { stroke: ink, grid: { stroke: faint, width: 1 }, ticks: { stroke: faint } };
    const days = (_chart, moments) => moments.map((seconds) => new Date(seconds * 1000).toISOString().slice(0, 10));
    const mark = ({ ctx, bbox, valToPos }) => marked.forEach((time) => {
      const x = valToPos(time, "x", true);
      if (x < bbox.left || x > bbox.left + bbox.width) return;
      ctx.fillStyle = MARK;
      ctx.fillRect(x, bbox.top, 1.5 * devicePixelRatio, bbox.height);
    });
    const labels = label.split(",");
    const named = figures.split(",");
    const lines = named.filter((name) => !answer.lines || answer.lines.includes(name));
    const columns = [times, ...lines.map((name) => answer[name])];
    const style = (name) => {
      const line = LINES[named.indexOf(name)];
      const show = answer[name].filter((figure) => figure != null).length <= FEW;
      return { ...line, points: { show, size: 7, fill: line.stroke } };
    };
    const unit = (name) => answer.units?.[name] ?? currency;
    const series = [{ value: "{YYYY}-{MM}-{DD}" }, ...lines.map((name) => ({
      label: `${labels[named.indexOf(name)]} (${unit(name)})`,
      ...(named.length > 1 ? style(name) : LINE),
      spanGaps: true,
      value: shown((v) => v.toPrecision(8) / 1),
    }))];
    const distr = isSteep(columns.slice(1)) && named.length > 1 ? 3 : 1;
    if (volumes) {
      const value = shown((v) => v.toLocaleString("en"));
      series.push({ label: "Volume", stroke: "#79aec8", fill: "#79aec855", scale: "volume", value });
      columns.push(volumes);
    }
    const chart = new uPlot({
      width: place.clientWidth,
      height: 340,
      padding: [null, 50, null, null],
      tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), "Etc/UTC"),
      scales: { y: { distr }, volume: { range: (_chart, _low, high) => [0, high * 4] } },
      series,
      axes: [{ ...axis, values: days, space: 100 }, { ...axis, size: 90 }],
      hooks: { drawClear: [mark] },
    }, columns, place);
    if (stretch) chart.setScale("x", { min: stretch[0], max: stretch[1] });
    window.addEventListener("resize", () => chart.setSize({ width: place.clientWidth, height: 340 }));
  };

  if (choice) choice.addEventListener("change", draw);
  await draw();
});
