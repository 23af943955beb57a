// Which words a person looks at: one under the pointer, and some that were clicked, the newest last.

export const chosen = {
  hovered: null,
  pinned: [],
  axes: null, // four words, two pairs, along which the map is drawn
  fly: () => {}, // brings a word into the middle of the map
  // Call act() when others are chosen, as long as element is on the page.
  listen: (element, act) => {
    const heard = () => (element.isConnected ? act() : document.removeEventListener("letterspace:words", heard));
    document.addEventListener("letterspace:words", heard);
  },
};

export const choose = (others) => {
  Object.assign(chosen, others);
  document.dispatchEvent(new CustomEvent("letterspace:words"));
};
