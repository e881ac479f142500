// Draws <div class="chart" data-chart="ID" role="img" aria-label="…"> with ECharts from the option
// in <script type="application/json" id="ID"> (Django's json_script). Loaded after echarts.min.js.
// A string "token:accent" anywhere in the option becomes that token's colour in this theme.
// Tooltips are drawn in the canvas (richText): the security policy allows no inline style.
(() => {
  const probe = document.createElement("span");
  probe.hidden = true;

  function colour(token) {
    probe.className = "";
    probe.style.color = `var(--${token})`;
    return getComputedStyle(probe).color;
  }

  function withColours(value) {
    if (typeof value === "string" && value.startsWith("token:")) return colour(value.slice(6));
    if (Array.isArray(value)) return value.map(withColours);
    if (value && typeof value === "object") {
      return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, withColours(v)]));
    }
    return value;
  }

  function draw(element) {
    const option = withColours(JSON.parse(document.getElementById(element.dataset.chart).textContent));
    const chart = echarts.getInstanceByDom(element) || echarts.init(element, null, { renderer: "canvas" });
    chart.setOption(
      {
        animation: false,
        color: ["accent", "accent-mid", "accent-soft", "grey-mid"].map(colour),
        textStyle: { fontFamily: getComputedStyle(document.body).fontFamily, color: colour("ink-2") },
        ...option,
        tooltip: option.tooltip && {
          backgroundColor: colour("surface"),
          borderColor: colour("line-2"),
          textStyle: { color: colour("ink"), fontSize: 12 },
          ...option.tooltip,
          renderMode: "richText",
        },
      },
      true,
    );
  }

  const drawAll = () => document.querySelectorAll("[data-chart]").forEach(draw);

  document.addEventListener("DOMContentLoaded", () => {
    document.body.append(probe);
    drawAll();
    const sizes = new ResizeObserver((entries) => {
      for (const { target } of entries) echarts.getInstanceByDom(target)?.resize();
    });
    document.querySelectorAll("[data-chart]").forEach((element) => sizes.observe(element));
  });
  document.addEventListener("htmx:load", (event) => {
    if (probe.isConnected) event.target.querySelectorAll("[data-chart]").forEach(draw);
  });
  document.addEventListener("theme:changed", drawAll);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawAll);
})();
