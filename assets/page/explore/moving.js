// A letter that is dragged on the map while the run rests stands elsewhere on a copy of the network only.
// The server says what the copy says (core/ui/explore/moving.py); time.now() shows that instead of the run's answers.
import { time } from "../common/time.js";

const TELL = 80; // ms between two messages while somebody drags

export const Copy = class {
  letter = null; // which stands elsewhere, an index, or null
  place = null;

  get on() {
    return this.letter !== null;
  }

  put(letter, place) {
    Object.assign(this, { letter, place, of: this.now() });
    this.tell();
  }

  back() {
    if (!this.on) return;
    this.letter = this.place = null;
    this.tell();
  }

  // Another run, which trains on with the letter there.
  goOn() {
    time.order("move", [time.run, time.head.step, this.letter, ...this.place]);
    this.back();
  }

  // The run went on, or another is shown: then nothing stands elsewhere any more.
  follow(rests) {
    if (this.on && (!rests || this.of !== this.now())) this.back();
  }

  now() {
    return `${time.run} ${time.head?.step}`;
  }

  tell() {
    clearTimeout(this.later);
    const wait = this.on ? (this.told ?? 0) + TELL - performance.now() : 0;
    if (wait > 0) return void (this.later = setTimeout(() => this.tell(), wait));
    this.told = performance.now();
    time.move?.(this.on ? [time.run, time.head.step, this.letter, ...this.place] : null);
  }
};
