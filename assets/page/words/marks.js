// What lies under the labels of the map: points, trails of words that are followed, lines to neighbours.

export const clear = (c, { ratio, width, height }) => {
  c.setTransform(ratio, 0, 0, ratio, 0, 0);
  c.clearRect(0, 0, width, height);
};

// map: see map.js. x, y: places in pixels.
export const drawPoints = (c, map, x, y) => {
  const radius = Math.min(3.2, Math.max(1.8, 1.4 + 0.4 * map.view.scale));
  c.globalAlpha = 0.45;
  for (const [group, members] of map.byGroup) {
    c.fillStyle = map.colour(group);
    c.beginPath();
    for (const i of members) {
      c.moveTo(x[i] + radius, y[i]);
      c.arc(x[i], y[i], radius, 0, 2 * Math.PI);
    }
    c.fill();
  }
  c.globalAlpha = 1;
};

// Where each pinned word came from. project: data units -> pixels. x, y: where all words are.
export const drawTrails = (c, map, project, x, y) => {
  c.lineWidth = 1.5;
  c.globalAlpha = 0.55;
  for (const i of map.pinned) {
    c.strokeStyle = map.colour(map.groups[i]);
    c.beginPath();
    for (const places of map.past) c.lineTo(...project(places[2 * i], places[2 * i + 1]));
    c.lineTo(x[i], y[i]);
    c.stroke();
  }
  c.globalAlpha = 1;
};

export const drawLinks = (c, map, x, y, theme) => {
  c.lineWidth = 1;
  c.strokeStyle = theme.quiet;
  c.globalAlpha = 0.6;
  c.beginPath();
  for (const [i, others] of map.links) {
    for (const j of others) {
      c.moveTo(x[i], y[i]);
      c.lineTo(x[j], y[j]);
    }
  }
  c.stroke();
  c.globalAlpha = 1;
};
