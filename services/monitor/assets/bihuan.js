// Draws the charts of a page. Their data stand in data-chart and data-graph; the table beside each says the same without a script.
"use strict";

(function () {
  const style = getComputedStyle(document.documentElement);
  const colour = (name) => style.getPropertyValue(name).trim();

  function draw(box) {
    const data = JSON.parse(box.dataset.chart);
    box.classList.add("drawn");
    const chart = echarts.init(box, null, { renderer: "canvas" });
    const quiet = colour("--quiet");
    const axis = { axisLine: { lineStyle: { color: quiet } }, axisLabel: { color: quiet } };
    chart.setOption({
      animation: false,
      grid: { left: 56, right: 16, top: 12, bottom: 28 },
      xAxis: Object.assign({ type: "category", data: data.dates }, axis),
      yAxis: Object.assign({ type: "value", minInterval: 1, splitLine: { lineStyle: { color: colour("--line") } } }, axis),
      series: data.series.map((series, i) => ({
        type: "line",
        name: series.name,
        data: series.values,
        symbol: i === 0 ? "circle" : "diamond",
        symbolSize: 7,
        itemStyle: { color: colour("--series-" + i) },
        lineStyle: { color: colour("--series-" + i), width: 2, type: i === 0 ? "solid" : "dashed" },
      })),
    });
    addEventListener("resize", () => chart.resize());
    addEventListener("beforeprint", () => chart.resize({ width: 640 }));
    addEventListener("afterprint", () => chart.resize({ width: "auto" }));
  }

  // who hands how often to whom: agencies on a ring, arrows as thick as they are often
  function link(box) {
    const data = JSON.parse(box.dataset.graph);
    box.classList.add("drawn");
    const chart = echarts.init(box, null, { renderer: "canvas" });
    const most = Math.max(...data.links.map((it) => it.value));
    const busiest = Math.max(...data.nodes.map((it) => it.value));
    const text = colour("--text");
    chart.setOption({
      animation: false,
      series: [{
        type: "graph",
        layout: "none",
        left: 160, right: 160, top: 40, bottom: 40,
        preserveAspect: true,
        edgeSymbol: ["none", "arrow"],
        edgeSymbolSize: 9,
        label: { show: true, color: text, textBorderColor: colour("--card"), textBorderWidth: 3 },
        itemStyle: { color: colour("--series-0") },
        lineStyle: { color: colour("--quiet"), curveness: 0.2, opacity: 0.8 },
        data: data.nodes.map((it, i) => {
          const [x, y] = [Math.sin, (angle) => -Math.cos(angle)].map((of) => of((2 * Math.PI * i) / data.nodes.length));
          const position = Math.abs(x) < 0.01 ? (y < 0 ? "top" : "bottom") : x < 0 ? "left" : "right";
          return Object.assign({ x, y, label: { position }, symbolSize: 10 + 22 * (it.value / busiest) }, it);
        }),
        links: data.links.map((it) => Object.assign({
          lineStyle: { width: 1 + 6 * (it.value / most) },
          label: { show: true, formatter: String(it.value), color: text, textBorderColor: colour("--card"), textBorderWidth: 3 },
        }, it)),
      }],
    });
    addEventListener("resize", () => chart.resize());
    addEventListener("beforeprint", () => chart.resize({ width: 640 }));
    addEventListener("afterprint", () => chart.resize({ width: "auto" }));
  }

  document.querySelectorAll("[data-chart]").forEach(draw);
  document.querySelectorAll("[data-graph]").forEach(link);
  document.querySelectorAll("[hidden].legend").forEach((legend) => legend.removeAttribute("hidden"));
  document.querySelectorAll("details[data-closes]").forEach((details) => details.removeAttribute("open"));
})();
