// The views of compare: kind -> maker. assets/page/page.js loads this file when one of them is first shown.
import { makers as library } from "./library.js";
import { makers as runs } from "./runs.js";

export const makers = { ...library, ...runs };
