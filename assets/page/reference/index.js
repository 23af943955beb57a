// The views of reference: kind -> maker. assets/page/page.js loads this file when one of them is first shown.
import { makers as reference } from "./reference.js";

export const makers = { ...reference };
