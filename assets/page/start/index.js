// The views of start: kind -> maker. assets/page/page.js loads this file when one of them is first shown.
import { makers as cards } from "./cards.js";
import { makers as lessons } from "./lessons.js";

export const makers = { ...cards, ...lessons };
