// index.html shows the page's quiet shape from its first byte (core/ui/assets.py puts it there).
// It goes when there is something to see: on Explore the letters, on another page its first view.
let skeleton = document.getElementById("ls-skeleton");
export const hideSkeleton = (kind) => {
  if (!skeleton || kind === "tour") return; // which every page has
  if (document.querySelector(".ls-view-bar") && !document.querySelector(".ls-letters .point")) return;
  skeleton.remove();
  skeleton = null;
};
