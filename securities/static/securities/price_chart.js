// Draws the JSON columns at the element's data-url: `times` (UTC seconds), the figures named by data-figures (one or
// more, with commas, drawn over each other), and `volumes` where there are any. A choice of adjustment on the page goes along as a parameter.
"use strict";

const STROKES = ["#417690", "#ba2121"];
const POINTS = [{}, { show: true, size: 5 }];

document.addEventListener("DOMContentLoaded", async () => {
  const place = document.getElementById("price-chart");
  if (!place) return;
  const { url, figures, label, empty } = place.dataset;
  const choice = document.getElementById("price-chart-adjusted");
  const style = getComputedStyle(document.documentElement);
  const ink = style.getPropertyValue("--body-fg").trim() || "#333";
  const faint = style.getPropertyValue("--hairline-color").trim() || "#ddd";
  const say = (text) => { place.textContent = text; };
  const shown = (format) => (_chart, figure) => figure == null ? "–" : format(figure);

  const draw = async () => {
    const query = choice ? `?adjusted=${choice.value}` : "";
    const response = await fetch(url + query, { headers: { Accept: "application/json" } });
    if (!response.ok) return say("The figures could not be read.");
    const answer = await response.json();
    const { times, volumes, currency } = answer;
    if (!times.length) return say(empty);
    place.textContent = "";
    const axis = { stroke: ink, grid: { stroke: faint }, ticks: { stroke: faint } };
    const labels = label.split(",");
    const lines = figures.split(",");
    const series = [{ value: "{YYYY}-{MM}-{DD}" }, ...lines.map((_name, i) => ({
      label: `${labels[i]} (${currency})`, stroke: STROKES[i], width: 1.5, points: POINTS[i], spanGaps: true,
      value: shown((v) => v.toPrecision(8) / 1),
    }))];
    const columns = [times, ...lines.map((name) => answer[name])];
    if (volumes) {
      const value = shown((v) => v.toLocaleString("en"));
      series.push({ label: "Volume", stroke: "#79aec8", fill: "#79aec855", scale: "volume", value });
      columns.push(volumes);
    }
    const chart = new uPlot({
      width: place.clientWidth,
      height: 340,
      tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), "Etc/UTC"),
      scales: { volume: { range: (_chart, _low, high) => [0, high * 4] } },
      series,
      axes: [axis, { ...axis, size: 90 }],
    }, columns, place);
    window.addEventListener("resize", () => chart.setSize({ width: place.clientWidth, height: 340 }));
  };

  if (choice) choice.addEventListener("change", draw);
  await draw();
});
