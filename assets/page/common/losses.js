// The loss figure, of which the server tells what is new: core/plots/loss_feed.py.

const NEWEST = -2; // the trace of the newest losses

// No array that a figure has is changed later: a chart compares the figure that it shows with the next.
export const losses = () => {
  let form = null, // the figure without what follows
    points = [], // of each of the first traces
    numbers = [0, 0]; // of the form, and of the curves
  return {
    have: () => [...numbers, ...points.map(({ x }) => x.length)],
    receive: (said) => {
      form = said.figure ?? form;
      numbers = [said.form, said.curves];
      points = said.points.map((fresh, i) =>
        Object.fromEntries(
          Object.entries(fresh).map(([name, values]) => [
            name,
            [...(points[i]?.[name].slice(0, said.from[i]) ?? []), ...values],
          ]),
        ),
      );
      const data = form.data.map((trace, i) => ({ ...trace, ...points[i] }));
      const newest = data.length + NEWEST;
      data[newest] = { ...data[newest], ...said.now };
      return { ...form, data };
    },
  };
};
