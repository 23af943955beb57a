// The views of tune: kind -> maker. assets/page/page.js loads this file when one of them is first shown.
import { makers as gradients } from "./gradients.js";
import { makers as repairs } from "./repairs.js";
import { makers as tune } from "./tune.js";

export const makers = { ...tune, ...gradients, ...repairs };
