// Draws the closes and the volume of the security whose page this is, from the address in the element's data-url.
"use strict";

document.addEventListener("DOMContentLoaded", async () => {
  const place = document.getElementById("price-chart");
  if (!place) return;
  const style = getComputedStyle(document.documentElement);
  const ink = style.getPropertyValue("--body-fg").trim() || "#333";
  const faint = style.getPropertyValue("--hairline-color").trim() || "#ddd";
  const say = (text) => { place.textContent = text; };

  const draw = async (adjusted) => {
    const response = await fetch(`${place.dataset.url}?adjusted=${adjusted}`, { headers: { Accept: "application/json" } });
    if (!response.ok) return say("The prices could not be read.");
    const { times, closes, volumes, currency } = await response.json();
    if (!times.length) return say("No prices are stored yet. Choose “Sync now” in the list of securities.");
    place.textContent = "";
    const axis = { stroke: ink, grid: { stroke: faint }, ticks: { stroke: faint } };
    const chart = new uPlot({
      width: place.clientWidth,
      height: 340,
      tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), "Etc/UTC"),
      scales: { volume: { range: (_chart, _low, high) => [0, high * 4] } },
      series: [
        { value: "{YYYY}-{MM}-{DD}" },
        { label: `Close (${currency})`, stroke: "#417690", width: 1.5, value: (_chart, v) => v == null ? "–" : v.toPrecision(8) / 1 },
        { label: "Volume", stroke: "#79aec8", fill: "#79aec855", scale: "volume", value: (_chart, v) => v == null ? "–" : v.toLocaleString("en") },
      ],
      axes: [axis, { ...axis, size: 70 }],
    }, [times, closes, volumes], place);
    window.addEventListener("resize", () => chart.setSize({ width: place.clientWidth, height: 340 }));
  };

  const choice = document.getElementById("price-chart-adjusted");
  choice.addEventListener("change", () => draw(choice.value));
  await draw(choice.value);
});
