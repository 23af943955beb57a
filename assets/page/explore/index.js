// The views of explore: kind -> maker. assets/page/page.js loads this file when one of them is first shown.
import { makers as bar } from "./bar.js";
import { makers as below } from "./below.js";
import { makers as lesson } from "./lesson.js";
import { makers as letters } from "./letters.js";
import { makers as network } from "./network.js";
import { makers as panels } from "./panels.js";
import { makers as timebar } from "./timebar.js";
import { makers as link } from "../common/address.js";

export const makers = { ...bar, ...below, ...lesson, ...letters, ...network, ...panels, ...timebar, ...link };
