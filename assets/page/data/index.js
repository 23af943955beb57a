// The views of data: kind -> maker. assets/page/page.js loads this file when one of them is first shown.
import { makers as contexts } from "./contexts.js";
import { makers as descent } from "./descent.js";
import { makers as examples } from "./examples.js";
import { makers as mix } from "./mix.js";
import { makers as pairs } from "./pairs.js";
import { makers as standings } from "./standings.js";
import { makers as words } from "./words.js";
import { makers as wordtext } from "./wordtext.js";

export const makers = { ...contexts, ...descent, ...examples, ...mix, ...pairs, ...standings, ...words, ...wordtext };
