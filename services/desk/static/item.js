// The chart of one series: draws the JSON that lies in the page (services/desk/items/chart.py says what is in it).
"use strict";
(() => {
  const box = document.getElementById("chart");
  if (!box || !window.echarts) return;
  const data = JSON.parse(document.getElementById(box.dataset.from).textContent);
  const words = data.words;
  const css = getComputedStyle(document.documentElement);
  const colours = Object.fromEntries(["red", "yellow", "green", "grey"].map((name) => [name, css.getPropertyValue("--" + name).trim()]));
  // The shapes of static/shapes.svg: a light is never its colour alone.
  const shapes = { red: "path://M12,1L28,1L39,12L39,28L28,39L12,39L1,28L1,12Z", yellow: "triangle", green: "circle", grey: "diamond" };
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const narrow = () => box.clientWidth < 560;
  const font = getComputedStyle(document.body).fontFamily;
  const days = [...data.values, ...data.targets, ...data.expected].map((point) => point[0]).concat(data.today).sort();
  const first = (data.plan[0] || [[days[0]]])[0][0] < days[0] ? data.plan[0][0][0] : days[0];
  const end = (days.filter((day) => day > data.until).length && data.until > data.today) ? data.until : days[days.length - 1];
  const text = (value) => (value === undefined || value === null ? "—" : String(value));
  const number = (value) => Number(value.toFixed(4)).toLocaleString();

  // A quota begins anew each year: a line that fell from December to January would look like a loss.
  const year = (point) => (point.value || point)[0].slice(0, 4);
  const apart = (points) => (data.yearly ? points.flatMap((point, at) => (at && year(point) !== year(points[at - 1]) ? [[(point.value || point)[0], null], point] : [point])) : points);
  // Corrections of neighbouring periods stand below each other.
  const neighbours = (at) => { let before = at; while (before && data.values[before - 1][2]) before -= 1; return (at - before) % 3; };
  const late = (Date.parse(data.today) - Date.parse(first)) * 2 > Date.parse(end) - Date.parse(first); // its label then stands to the left, away from the last target's
  const series = [
    { name: words.tolerance, type: "line", stack: "tolerance", stackStrategy: "all", silent: true, symbol: "none", lineStyle: { opacity: 0 },
      itemStyle: { color: "#9fb8d6" }, data: data.tolerance.map((point) => [point[0], point[1]]) },
    { name: words.tolerance, type: "line", stack: "tolerance", stackStrategy: "all", silent: true, symbol: "none", lineStyle: { opacity: 0 },
      itemStyle: { color: "#9fb8d6" }, areaStyle: { color: "#0b4a8f", opacity: 0.16 }, data: data.tolerance.map((point) => [point[0], point[2]]) },
    ...data.plan.map((way) => ({ name: words.plan, type: "line", silent: true, symbol: "none", data: way,
      lineStyle: { color: "#6c7a8c", type: "dotted", width: 1.5 }, itemStyle: { color: "#6c7a8c" } })),
    { name: words.expected, type: "line", symbol: "none", data: apart(data.expected), lineStyle: { color: "#0b4a8f", type: "dashed", width: 2 }, itemStyle: { color: "#0b4a8f" } },
    { name: words.value, type: "line", symbolSize: 15, lineStyle: { color: "#17212e", width: 2 }, itemStyle: { color: "#17212e" },
      data: apart(data.values.map(([day, value, label, light, period], at) => ({ value: [day, value, period, light], symbol: shapes[light],
        itemStyle: { color: colours[light], borderColor: "#17212e", borderWidth: 1 },
        label: { show: Boolean(label), formatter: label, position: "bottom", distance: 5 + 14 * neighbours(at), color: "#17212e" } }))),
      markLine: { silent: true, symbol: "none", lineStyle: { color: "#505e70", type: "solid", width: 1 },
        label: { formatter: words.today + " " + data.today, position: "end", align: late ? "right" : "left", rotate: 0, distance: narrow() ? 22 : 6, color: "#505e70" }, data: [{ xAxis: data.today }] } },
    { name: words.other, type: "scatter", symbol: "emptyCircle", symbolSize: 11, itemStyle: { color: "#505e70" },
      data: data.others.map(([day, value, label]) => ({ value: [day, value, label] })) },
    { name: words.target, type: "scatter", symbol: "pin", symbolSize: 30,
      label: { show: true, position: "top", color: "#17212e", backgroundColor: "#ffffffd0", formatter: (point) => point.value[2] }, labelLayout: { hideOverlap: true, moveOverlap: "shiftY" },
      data: data.targets.map(([day, value, label, kind]) => ({ value: [day, value, label],
        itemStyle: kind === "firm" ? { color: "#0b4a8f" } : { color: "#fff", borderColor: "#0b4a8f", borderWidth: 2 } })), itemStyle: { color: "#0b4a8f" } },
    { name: words.forecast, type: "line", symbol: "emptyRect", symbolSize: 11, data: data.forecast,
      lineStyle: { color: "#8a3ffc", type: "dotted", width: 2 }, itemStyle: { color: "#8a3ffc" } },
  ];
  const least = Math.min(0, ...[...data.values, ...data.targets, ...data.expected, ...data.forecast].map((point) => point[1] ?? 0)); // a band may reach below what can be
  // A line of one point without a sign is not to be seen, and so not named either.
  const filled = new Set(series.filter((each) => each.data.length > (each.symbol === "none" ? 1 : 0)).map((each) => each.name));
  const chart = echarts.init(box, null, { renderer: "canvas" });
  const day = 86400000;
  const points = [...data.values, ...data.targets, ...data.expected, ...data.forecast, ...data.plan.flat()].map((point) => point[0]).sort();
  const last = points[points.length - 1] || data.today;
  const padded = Date.parse(last) - Date.parse(points[0] || data.today) < 60 * day; // one year's value and its target: a point, no line
  const draw = () => {
    const slim = narrow();
    chart.setOption({
      animation: !still, textStyle: { fontFamily: font },
      grid: { left: 12, right: slim ? 34 : 48, top: slim ? 98 : 56, bottom: 64, containLabel: true },
      legend: { top: 0, data: [...filled], itemWidth: 22, textStyle: { fontSize: slim ? 11 : 13, color: "#17212e" } },
      tooltip: { trigger: "item", renderMode: "richText", confine: true, formatter: ({ seriesName, value }) => {
        const said = seriesName === words.value ? `${value[2]}  ${words[value[3]]}` : value[2] ? `${value[0]}  ${value[2]}` : value[0];
        return `${seriesName} ${number(value[1])} ${data.unit}\n${text(said)}`;
      } },
      xAxis: { type: "time", min: padded ? Date.parse(first) - 180 * day : first, max: padded ? Date.parse(last) + 120 * day : undefined, axisLabel: { hideOverlap: true, color: "#17212e", formatter: { year: "{yyyy}", month: "{yyyy}-{MM}", day: "{MM}-{dd}" } }, splitLine: { show: false } },
      yAxis: { type: "value", scale: true, boundaryGap: ["10%", "10%"], min: ({ min, max }) => (least >= 0 && min < (max - min) / 4 ? 0 : null), axisLabel: { color: "#17212e" } },
      dataZoom: [{ type: "slider", bottom: 8, height: 26, filterMode: "filter", showDetail: false }],
      series,
    });
  };
  const range = (name) => {
    const now = Date.parse(data.today);
    const spans = {
      whole: { start: 0, end: 100 },
      stretch: padded ? { start: 0, end: 100 } : { startValue: Date.parse(first) - 5 * day, endValue: Date.parse(end) + 12 * day },
      recent: { startValue: Math.max(Date.parse(first), now - 400 * day) - 5 * day, endValue: now + 30 * day },
    };
    const span = spans[name];
    chart.dispatchAction({ type: "dataZoom", ...span });
    document.querySelectorAll("[data-range]").forEach((each) => each.setAttribute("aria-pressed", String(each.dataset.range === name)));
  };
  draw();
  range("stretch");
  const ranges = document.querySelector(".ranges");
  ranges.hidden = false;
  ranges.addEventListener("click", (event) => { if (event.target.dataset.range) range(event.target.dataset.range); });
  let width = box.clientWidth;
  new ResizeObserver(() => { if (box.clientWidth !== width) { width = box.clientWidth; chart.resize(); draw(); } }).observe(box);
  box.dataset.drawn = "true";
})();
