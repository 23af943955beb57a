"""JavaScript that looks at the map of words, for browser tests and benchmarks."""

# How many names of words overlap, and how many there are: what is written is kept by the map itself.
LABELS = """
() => {
  const { labels, x, y, size } = window.letterspace.wordMap.written();
  const boxes = labels.map((i) => {
    const { width, height } = size(i);
    return { left: x[i] - width / 2, right: x[i] + width / 2, top: y[i] - height - 4, bottom: y[i] - 4 };
  });
  const meets = (a, b) => a.left < b.right && a.right > b.left && a.top < b.bottom && a.bottom > b.top;
  return [boxes.length, boxes.flatMap((a, i) => boxes.slice(i + 1).filter((b) => meets(a, b))).length];
}
"""
# Whether nothing is drawn in the middle of the map.
EMPTY = """
() => {
  const canvas = document.querySelector('.ls-wordmap-canvas'), { width, height } = canvas;
  const { data } = canvas.getContext('2d').getImageData(0, Math.round(height / 2), width, Math.round(height / 8));
  return data.every((value) => value === 0);
}
"""
