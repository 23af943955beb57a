// The crowd in the middle of the map: letters far out are drawn at the rim, and two fingers zoom.
const EDGE = 34, // px between the rim and a letter that is drawn there
  AHEAD = 21; // px from there to its arrow
const ARROWS = ["→", "↗", "↑", "↖", "←", "↙", "↓", "↘"];

// places: where letters are; layout: with the ranges that will be seen. shown: where they are drawn.
export const atTheRim = (places, box, { xaxis, yaxis, margin }) => {
  const across = box.clientWidth - margin.l - margin.r,
    unit = (xaxis.range[1] - xaxis.range[0]) / Math.max(50, across); // of the plane in a px
  const clamp = (value, [low, high]) => Math.min(Math.max(value, low + EDGE * unit), high - EDGE * unit);
  const shown = places.map((place) => {
    const at = [clamp(place[0], xaxis.range), clamp(place[1], yaxis.range)];
    return at[0] === place[0] && at[1] === place[1] ? place : at;
  });
  const arrows = { x: [], y: [], text: [] };
  places.forEach(([x, y], i) => {
    const [a, b] = shown[i];
    if (shown[i] === places[i]) return;
    const angle = Math.atan2(y - b, x - a);
    arrows.x.push(a + AHEAD * unit * Math.cos(angle));
    arrows.y.push(b + AHEAD * unit * Math.sin(angle));
    arrows.text.push(ARROWS[(Math.round(angle / (Math.PI / 4)) + 8) % 8]);
  });
  return { shown, arrows };
};

// Two fingers on the map, or the wheel with Ctrl, which is how a trackpad tells of them.
export const pinch = (box, chart) => {
  let apart = null,
    timer = null;
  const zoom = (factor, clientX, clientY) => {
    const { xaxis, yaxis } = box._fullLayout ?? {};
    if (!xaxis || box.layout.meta?.space) return;
    chart.held = true; // Plotly shall not move letters and axes at once
    clearTimeout(timer);
    timer = setTimeout(() => ((chart.held = false), chart.work()), 200);
    const { left, top } = box.getBoundingClientRect(),
      change = {};
    for (const [name, axis, px] of [
      ["xaxis", xaxis, clientX - left - xaxis._offset],
      ["yaxis", yaxis, clientY - top - yaxis._offset],
    ])
      axis.range.forEach((end, i) => {
        const about = axis.p2l(px);
        change[`${name}.range[${i}]`] = about + (end - about) * factor;
      });
    window.Plotly.relayout(box, change);
  };
  box.addEventListener(
    "wheel",
    (event) => {
      if (!event.ctrlKey) return;
      event.preventDefault();
      zoom(Math.exp(Math.max(-50, Math.min(50, event.deltaY)) / 150), event.clientX, event.clientY);
    },
    { passive: false, capture: true },
  );
  const between = ([a, b]) => Math.hypot(a.clientX - b.clientX, a.clientY - b.clientY);
  box.addEventListener("touchstart", ({ touches }) => (apart = touches.length === 2 ? between(touches) : null), {
    passive: true,
  });
  box.addEventListener(
    "touchmove",
    (event) => {
      const { touches } = event;
      if (apart === null || touches.length !== 2) return;
      event.preventDefault();
      const now = Math.max(10, between(touches));
      zoom(apart / now, (touches[0].clientX + touches[1].clientX) / 2, (touches[0].clientY + touches[1].clientY) / 2);
      apart = now;
    },
    { passive: false },
  );
};
