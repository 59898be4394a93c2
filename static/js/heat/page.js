// Incidents as heat: by grid or by square, as numbers or per 100 households; colours in five steps of equal share.
const STEPS = 5;
const SPELLED = { number: new Intl.NumberFormat("en"), rate: new Intl.NumberFormat("en", { minimumFractionDigits: 1, maximumFractionDigits: 1 }) };

async function fetched(address) {
  const answer = await fetch(address, { headers: { "Accept-Language": document.documentElement.lang } });
  if (!answer.ok) throw new Error(`${answer.status} ${address}`);
  return (await answer.json()).features;
}

function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

// Where steps begin: quantiles of what is there, each value once.
function breaks(values) {
  const rising = values.filter((value) => value > 0).sort((a, b) => a - b);
  const at = Array.from({ length: STEPS }, (_, step) => rising[Math.floor((step * rising.length) / STEPS)]);
  return [...new Set(at.filter((value) => value !== undefined))];
}

class Heat {
  constructor(map, figure, found) {
    Object.assign(this, { map, figure, found, layer: null });
    this.shown = figure.querySelector(".heat-selection");
    this.legend = document.getElementById("heat-legend");
    const line = (features, style) => L.geoJSON(features, { interactive: false, style }).addTo(map);
    line(found.communities, { stroke: false, fillColor: colour("paper"), fillOpacity: 1 });
    this.streets = line(found.streets, { color: colour("line-strong"), opacity: 0.5, weight: 1 });
    this.borders = line(found.communities, { color: colour("ink"), weight: 2, dashArray: "12 4 3 4", fill: false });
    this.draw();
    this.showAll();
  }

  chosen(name) {
    return this.figure.querySelector(`input[name=${name}]:checked`).value;
  }

  draw() {
    const what = this.chosen("what"), features = this.found[this.chosen("by")];
    const steps = breaks(features.map(({ properties }) => properties[what] ?? 0));
    const style = ({ properties }) => ({ color: colour("ink-soft"), weight: 1, fillOpacity: 0.85,
                                         fillColor: this.fill(properties[what], steps) });
    this.layer?.remove();
    this.layer = L.geoJSON(features, { style, onEachFeature: (feature, part) => part.on("click", () => this.tell(feature)) }).addTo(this.map);
    this.borders.bringToFront();
    this.tellSteps(steps, what);
    this.shown.textContent = this.shown.dataset.emptyText;
  }

  fill(value, steps) {
    const step = value ? steps.filter((begin) => value >= begin).length : 0;
    return step ? colour(`heat-${STEPS - steps.length + step}`) : colour("heat-none");
  }

  tell({ properties }) {
    const { unitCount, unitRate } = this.figure.dataset;
    const rate = properties.rate === null ? "" : ` · ${SPELLED.rate.format(properties.rate)} ${unitRate}`;
    this.shown.textContent = `${properties.name ? `${properties.name}: ` : ""}${properties.count} ${unitCount}${rate}`;
  }

  tellSteps(steps, what) {
    const spelled = (value) => SPELLED[what].format(value);
    const lines = steps.map((begin, at) => [colour(`heat-${STEPS - steps.length + at + 1}`), `≥ ${spelled(begin)}`]);
    this.legend.replaceChildren(...[[colour("heat-none"), this.legend.dataset.lowestLabel], ...lines].map(([paint, words]) => {
      const item = document.createElement("li"), swatch = document.createElement("span");
      swatch.className = "heat-swatch";
      swatch.style.background = paint;
      item.append(swatch, words);
      return item;
    }));
  }

  showAll() {
    const bounds = this.borders.getBounds();
    if (bounds.isValid()) this.map.fitBounds(bounds, { padding: [12, 12], animate: false });
  }
}

function startButtons(map, heat) {
  const zoom = { in: () => map.zoomIn(), out: () => map.zoomOut(), all: () => heat.showAll() };
  for (const button of document.querySelectorAll("[data-zoom]")) {
    button.addEventListener("click", zoom[button.dataset.zoom]);
    L.DomEvent.disableClickPropagation(button);
  }
}

export async function start(map) {
  const figure = document.getElementById("map"), said = figure.querySelector(".map-status");
  const names = ["grids", "squares", "communities", "streets"];
  let found;
  try {
    found = await Promise.all(names.map((name) => fetched(figure.dataset[name])));
  } catch {
    said.textContent = figure.dataset.errorText;
    figure.dataset.loadStatus = "failed";
    return;
  }
  const heat = new Heat(map, figure, Object.fromEntries(names.map((name, at) => [name, found[at]])));
  for (const input of figure.querySelectorAll("input[type=radio]")) input.addEventListener("change", () => heat.draw());
  startButtons(map, heat);
  said.hidden = true;
  figure.dataset.loadStatus = "ready";
}
