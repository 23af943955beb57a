// The views of inside: kind -> maker. assets/page/page.js loads this file when one of them is first shown.
import { makers as inside } from "./inside.js";
import { makers as silence } from "./silence.js";
import { makers as touch } from "./touch.js";
import { makers as unseen } from "./unseen.js";
import { makers as words } from "./words.js";

export const makers = { ...inside, ...silence, ...touch, ...unseen, ...words };
