// Draws the rates of the currency whose page this is, from the address in the element's data-url.
"use strict";

document.addEventListener("DOMContentLoaded", async () => {
  const place = document.getElementById("rate-chart");
  if (!place) return;
  const style = getComputedStyle(document.documentElement);
  const ink = style.getPropertyValue("--body-fg").trim() || "#333";
  const faint = style.getPropertyValue("--hairline-color").trim() || "#ddd";
  const say = (text) => { place.textContent = text; };

  const response = await fetch(place.dataset.url, { headers: { Accept: "application/json" } });
  if (!response.ok) return say("The rates could not be read.");
  const { times, rates, pair } = await response.json();
  if (!times.length) return say("No rates are stored yet. Choose “Sync rates” in the list of currencies.");
  const axis = { stroke: ink, grid: { stroke: faint }, ticks: { stroke: faint } };
  const chart = new uPlot({
    width: place.clientWidth,
    height: 340,
    tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), "Etc/UTC"),
    series: [
      { value: "{YYYY}-{MM}-{DD}" },
      { label: pair, stroke: "#417690", width: 1.5, value: (_chart, v) => v == null ? "–" : v.toPrecision(8) / 1 },
    ],
    axes: [axis, { ...axis, size: 70 }],
  }, [times, rates], place);
  window.addEventListener("resize", () => chart.setSize({ width: place.clientWidth, height: 340 }));
});
