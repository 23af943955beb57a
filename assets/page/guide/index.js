// The views of guide: kind -> maker. assets/page/page.js loads this file when one of them is first shown.
import { makers as guide } from "./guide.js";
import { makers as lessons } from "./lessons.js";

export const makers = { ...guide, ...lessons };
