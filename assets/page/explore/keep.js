// What lies under and over the letters of a landscape, as images of a Plotly layout: for pictures that are downloaded.
const LOOKS = ["fill", "stroke", "stroke-width", "stroke-dasharray", "stroke-linecap", "opacity"];
const WORDS = ["font-size", "font-weight", "font-family", "text-anchor", "dominant-baseline", "paint-order"];

// An svg as the address of a picture; style sheets do not reach into that, so each part says how it looks.
const addressOf = (marks, width, height) => {
  const copy = marks.cloneNode(true),
    originals = marks.querySelectorAll("*");
  copy.querySelectorAll("*").forEach((part, i) => {
    const style = getComputedStyle(originals[i]);
    for (const name of [...LOOKS, ...WORDS]) part.setAttribute(name, style.getPropertyValue(name));
  });
  copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  copy.setAttribute("viewBox", `0 0 ${width} ${height}`);
  Object.entries({ width, height }).forEach(([name, value]) => copy.setAttribute(name, value));
  return `data:image/svg+xml,${encodeURIComponent(new XMLSerializer().serializeToString(copy))}`;
};

// land: the Landscape; [] if nothing is touched. Places are in shares of the plot, as Plotly's "paper" has them.
export const pictures = ({ canvas, marks, box, plot }) => {
  if (canvas.hidden || !marks.childElementCount) return [];
  const { left, top, w, h } = plot,
    paper = { xref: "paper", yref: "paper", sizing: "stretch" };
  const { clientWidth: width, clientHeight: height } = box;
  return [
    { ...paper, source: canvas.toDataURL(), x: 0, y: 1, sizex: 1, sizey: 1, layer: "below" },
    {
      ...paper,
      source: addressOf(marks, width, height),
      x: -left / w,
      y: 1 + top / h,
      sizex: width / w,
      sizey: height / h,
      layer: "above",
    },
  ];
};
