// The views of Explore for a run on words: kind -> maker. assets/page/page.js loads this file when one is first shown.
import { makers as panels } from "./panels.js";
import { makers as cases } from "./cases.js";
import { makers as together } from "./together.js";
import { makers as wordmap } from "./wordmap.js";

export const makers = { ...cases, ...panels, ...together, ...wordmap };
