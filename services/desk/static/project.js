// The chart of one project: milestones in points above, investment below, on one axis of time
// (services/desk/projects/chart.py says what is in the document).
"use strict";
(() => {
  const box = document.getElementById("chart");
  if (!box || !window.echarts) return;
  const data = JSON.parse(document.getElementById(box.dataset.from).textContent);
  const words = data.words;
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const text = "#17212e", plan = "#0b4a8f";
  const days = [...data.due, ...data.invested, ...data.planned, ...data.nodes].map((point) => point[0]).concat(data.today).sort();
  const at = (day) => new Date(day).getTime(), late = at(data.today) - at(days[0]) > 0.6 * (at(days[days.length - 1]) - at(days[0]));
  // On a slim chart names stand beside their nodes, where the stairs leave room: below on the right at first, then above on the left.
  const beside = (point) => (2 * (at(point[0]) - at(days[0])) < at(days[days.length - 1]) - at(days[0]) ? { position: "right", offset: [0, 9] } : { position: "left", offset: [0, -8] });
  const node = (done, slim) => ({
    name: done ? words.node : words.node_open, type: "scatter", xAxisIndex: 0, yAxisIndex: 0, symbol: done ? "circle" : "diamond", symbolSize: done ? 14 : 17,
    itemStyle: { color: done ? text : "#fff", borderColor: done ? text : "#a3160f", borderWidth: 2 },
    label: { show: true, position: "top", color: text, formatter: (point) => point.value[2] }, labelLayout: { hideOverlap: true, moveOverlap: "shiftY" },
    data: data.nodes.filter((point) => point[3] === done).map((value) => (slim ? { value, label: beside(value) } : { value })),
  });
  const lines = (slim) => [
    { name: words.due, type: "line", step: "end", symbol: "none", xAxisIndex: 0, yAxisIndex: 0, lineStyle: { color: plan, type: "dashed", width: 2 }, itemStyle: { color: plan }, data: data.due },
    { name: words.done, type: "line", step: "end", symbol: "none", xAxisIndex: 0, yAxisIndex: 0, lineStyle: { color: text, width: 3 }, itemStyle: { color: text }, data: data.done,
      markLine: { silent: true, symbol: "none", lineStyle: { color: "#505e70", type: "solid", width: 1 }, label: { formatter: words.today + " " + data.today, position: "end", align: late ? "right" : "left", color: "#505e70" }, data: [{ xAxis: data.today }] } },
    node(true, slim), node(false, slim),
    { name: words.planned, type: "line", symbol: "emptyRect", symbolSize: 9, xAxisIndex: 1, yAxisIndex: 1, lineStyle: { color: plan, type: "dotted", width: 2 }, itemStyle: { color: plan }, data: data.planned },
    { name: words.invested, type: "line", symbol: "circle", symbolSize: 7, xAxisIndex: 1, yAxisIndex: 1, lineStyle: { color: text, width: 3 }, itemStyle: { color: text }, data: data.invested },
  ];
  const chart = echarts.init(box, null, { renderer: "canvas" });
  const time = { type: "time", min: days[0], max: days[days.length - 1], axisLabel: { hideOverlap: true, color: text, formatter: { year: "{yyyy}", month: "{yyyy}-{MM}", day: "{MM}-{dd}" } }, splitLine: { show: false } };
  const draw = (printed = false) => {
    const slim = box.clientWidth < 560, series = lines(slim), top = slim ? 110 : 70;
    const height = (chart.getHeight() - top - 90) / 2;
    const sides = { left: slim ? 38 : 52, right: slim ? 24 : 60 };
    chart.setOption({
      animation: !still && !printed, textStyle: { fontFamily: getComputedStyle(document.body).fontFamily },
      grid: [{ ...sides, top, height }, { ...sides, top: top + height + 66, height: height - 10 }],
      legend: { top: 0, data: series.filter((each) => each.data.length).map((each) => each.name), itemWidth: 22, textStyle: { fontSize: slim ? 11 : 13, color: text } },
      tooltip: { trigger: "item", renderMode: "richText", confine: true, formatter: ({ seriesName, value }) => `${seriesName} ${value[2] || ""}\n${value[0]}  ${Number(value[1].toFixed(4)).toLocaleString()}` },
      xAxis: [{ ...time, gridIndex: 0 }, { ...time, gridIndex: 1 }],
      yAxis: [
        { type: "value", gridIndex: 0, min: 0, max: 110, interval: 25, name: words.points, nameTextStyle: { color: text, align: "left" }, axisLabel: { color: text, formatter: (value) => (value > 100 ? "" : value) } },
        { type: "value", gridIndex: 1, min: 0, name: words.money, nameTextStyle: { color: text, align: "left" }, axisLabel: { color: text } },
      ],
      series,
    });
  };
  draw();
  let width = box.clientWidth;
  new ResizeObserver(() => { if (box.clientWidth !== width) { width = box.clientWidth; chart.resize(); draw(); } }).observe(box);
  addEventListener("beforeprint", () => { chart.resize({ height: 420, animation: { duration: 0 } }); draw(true); });
  addEventListener("afterprint", () => { chart.resize({ height: "auto" }); draw(); });
  box.dataset.drawn = "true";
})();
