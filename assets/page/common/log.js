// A list that grows at its end, of which the server sends only rows that are new: core/engine/log.py.
export const log = () => {
  let epoch = 0,
    rows = [];
  return {
    // What the server need not send again.
    have: () => [epoch, rows.length],
    // The whole list with what is new. No array that was returned is changed later.
    take: ([now, start, fresh]) => {
      rows = [...(now === epoch ? rows.slice(0, start) : []), ...fresh];
      epoch = now;
      return rows;
    },
  };
};
