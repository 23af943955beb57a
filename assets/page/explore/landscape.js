// The landscape of a letter that is touched, under the letters: what the loss would be with it anywhere else.
// Which letters are touched is decided here; the server works the fields out (core/ui/explore/landscape.py).
import { h, reducedMotion, scheme, setText, svg } from "../common/dom.js";
import { time, usesKeys } from "../common/time.js";
import { paintFields, paintLands } from "./field.js";
import { Copy } from "./moving.js";
import { HINT, Hues, REACH, SHORT, costsHere, fieldMarks, fieldTable, ghostMark } from "./landmarks.js";
import { keyOfPull, keysOfMarks, landNames, scale, way, within } from "./landmarks.js";
import { tr } from "../common/messages.js";

const [ROLL, MOST_TOUCHED] = [900, 2]; // ms that a letter takes to roll down; letters that are touched at once

export const Landscape = class {
  // box: the chart; redraw: to be called when other letters are touched
  constructor(box, redraw) {
    Object.assign(this, { box, redraw, touched: [], lands: false, dropped: null, drag: null, told: null, data: null });
    this.canvas = h("canvas", { "aria-hidden": "true" });
    this.marks = svg("svg", { "aria-hidden": "true" });
    this.said = h("span", { role: "status" });
    this.here = h("span.ls-here", { "aria-hidden": "true" });
    Object.assign(this, { copy: new Copy(), scale: scale(), keys: keysOfMarks(), table: fieldTable() });
    this.hues = new Hues(this.scale, this.keys);
    const button = (label, act) => {
      const it = h("button.ls-button", { type: "button", hidden: "" }, label); // until the first look
      it.addEventListener("click", act);
      return it;
    };
    this.whose = button(tr("Who would feel at home here?"), () => ((this.lands = !this.lands), this.tell()));
    this.back = button(tr("Put it back"), () => (this.copy.back(), this.drop(null)));
    this.roll = button(tr("Let it roll"), () => {
      const { letter, place } = this.copy;
      this.toggle(letter);
      this.drop(place);
    });
    this.goOn = button(tr("Go on from here"), () => this.copy.goOn());
    this.goOn.title = tr("A new run that trains on from there; its link holds the move, and Undo brings this one back");
    const buttons = [this.back, this.goOn, this.roll, this.whose];
    this.words = h("div.ls-land-says", {}, h("p", {}, this.said), ...buttons, this.scale, this.here, this.keys);
    this.map = h("div.ls-land-map", {}, this.canvas, box, this.marks, keyOfPull());
    this.root = h("div.ls-land", {}, this.map, this.words, ...this.table.parts);
    this.listen();
  }

  // ---------------------------------------------------------------- which letters

  toggle(letter) {
    const others = this.touched.filter((i) => i !== letter);
    this.touched = others.length < this.touched.length ? others : [...this.touched, letter].slice(-MOST_TOUCHED);
    this.dropped = null;
    this.copy.back();
    if (!this.touched.length) this.lands = false;
    this.tell();
    this.redraw();
  }

  drop(place) {
    this.dropped = place;
    this.rolled = null;
    this.tell();
    this.draw();
  }

  tell() {
    const { w, h: high } = this.plot();
    this.told = { letters: this.touched, aspect: w / high, lands: this.lands, dropped: this.dropped };
    time.touch?.(this.told);
    setText(this.here, ""); // until the pointer moves again: it was of other letters
    this.draw();
  }

  // ---------------------------------------------------------------- the pointer and the keyboard

  listen() {
    const at = (event) => {
      const { left, top } = this.box.getBoundingClientRect();
      return [event.clientX - left, event.clientY - top];
    };
    // A letter that is touched can be dragged, and any while the run rests; Plotly, and the page under a finger,
    // shall not move then.
    const held = ([u, v]) => {
      if (!this.places) return null;
      const on = (p) => Math.hypot(...this.pixel(p).map((x, k) => x - [u, v][k])) < REACH;
      if (this.copy.on && on(this.copy.place)) return this.copy.letter;
      if (this.data?.fields) {
        const ghost = this.dropped && on(this.end()),
          touched = ghost ? this.touched[0] : this.touched.find((i) => on(this.places[i]));
        if (touched !== undefined) return touched;
      }
      const any = this.rests ? (this.discs ?? []).findLastIndex(on) : -1;
      return any < 0 ? null : any;
    };
    const quiet = (event) => {
      const [point] = event.touches ?? [event];
      if (event.target.closest(".ls-land-says, .modebar") || held(at(point)) === null) return;
      event.stopPropagation();
      event.preventDefault();
    };
    this.root.addEventListener("mousedown", quiet, { capture: true });
    this.root.addEventListener("touchstart", quiet, { capture: true, passive: false });
    this.root.addEventListener(
      "pointerdown",
      (event) => {
        const letter = event.target.closest(".ls-land-says, .modebar") ? null : held(at(event));
        if (letter === null || event.button) return;
        this.drag = { letter, from: at(event), moved: false };
        this.root.setPointerCapture(event.pointerId);
      },
      { capture: true },
    );
    this.root.addEventListener("pointermove", (event) => {
      const [u, v] = at(event);
      if (this.drag) {
        this.drag.moved ||= Math.hypot(u - this.drag.from[0], v - this.drag.from[1]) > 5;
        if (this.drag.moved) this.drag.place = this.place(...within(this.plot(), [u, v]));
        if (this.drag.moved && !this.touched.includes(this.drag.letter)) {
          if (this.touched.length) this.letGo(); // the landscape of another letter says nothing of this one
          this.copy.put(this.drag.letter, this.drag.place);
        }
        this.draw();
      }
      this.tellHere(u, v);
    });
    this.root.addEventListener("pointerleave", () => setText(this.here, ""));
    this.root.addEventListener("pointerup", () => {
      const { drag } = this;
      this.drag = null;
      if (!drag) return;
      if (!drag.moved) return this.toggle(drag.letter);
      if (!this.touched.includes(drag.letter)) return this.draw();
      if (drag.letter !== this.touched[0]) this.touched.reverse();
      this.drop(drag.place);
    });
    this.root.addEventListener("pointercancel", () => ((this.drag = null), this.draw()));
    // Typed anywhere but in a field, before Streamlit takes "r" and "c" for itself.
    addEventListener(
      "keydown",
      (event) => {
        if (!this.root.isConnected || event.ctrlKey || event.metaKey || event.altKey || usesKeys(event.target)) return;
        const letter = event.key === " " ? -1 : (this.characters ?? []).indexOf(event.key);
        if (event.key === "Escape" && (this.touched.length || this.copy.on)) this.letGo();
        else if (letter >= 0) this.toggle(letter);
        else return;
        event.stopPropagation();
        event.preventDefault();
      },
      { capture: true },
    );
  }

  letGo() {
    Object.assign(this, { touched: [], lands: false, dropped: null });
    this.copy.back();
    this.tell();
    this.redraw();
  }

  tellHere(u, v) {
    const fields = this.data?.fields?.of ?? [],
      { left, top, w, h: high } = this.plot();
    if (!this.touched.length || u < left || v < top || u > left + w || v > top + high) return setText(this.here, "");
    const [x, y] = this.place(u, v),
      on = this.places.findIndex((p) => Math.hypot(...this.pixel(p).map((c, k) => c - [u, v][k])) < REACH);
    setText(this.here, costsHere(fields, on, x, y));
  }

  // ---------------------------------------------------------------- places

  plot() {
    const { xaxis, yaxis } = this.box._fullLayout ?? {};
    if (!xaxis) return { left: 0, top: 0, w: 1.6, h: 1, x: [0, 1], y: [0, 1] };
    return {
      left: xaxis._offset,
      top: yaxis._offset,
      w: xaxis._length,
      h: yaxis._length,
      x: xaxis.range,
      y: yaxis.range,
    };
  }
  pixel([x, y]) {
    const p = this.plot();
    return [p.left + ((x - p.x[0]) / (p.x[1] - p.x[0])) * p.w, p.top + ((p.y[1] - y) / (p.y[1] - p.y[0])) * p.h];
  }
  place(u, v) {
    const p = this.plot();
    return [p.x[0] + ((u - p.left) / p.w) * (p.x[1] - p.x[0]), p.y[1] - ((v - p.top) / p.h) * (p.y[1] - p.y[0])];
  }
  end() {
    return this.data?.descent?.path.at(-1) ?? this.dropped;
  }

  // ---------------------------------------------------------------- drawing

  // What the page holds now. Until it has heard of a touch, the server says what was touched before.
  show(now, { characters, groups, choice }, places, space) {
    const { live, look, frame } = now;
    this.rests = live && !look.training && !look.recorded && !space;
    this.copy.follow(this.rests);
    const other = this.characters && this.characters.join() !== characters.join();
    if (other && this.touched.length) ((this.touched = []), this.tell());
    Object.assign(this, { characters, groups, places, slices: choice, training: look.training && live });
    const data = look.landscape ?? null;
    if (!this.told && data && !other) this.touched = data.letters;
    if (data?.fields) this.kept = data.fields;
    this.data = data && { ...data, fields: this.filmed(data, now) ?? data.fields ?? this.kept };
    if (data?.descent && this.dropped && !this.rolled) this.rolled = performance.now();
    const fields = this.data?.fields;
    this.stale = Boolean(fields) && !this.training && fields.step !== frame.step;
    this.draw();
  }

  // Of a step in the past: the field that came for its checkpoint, until there is a finer one.
  filmed({ fields, film }, { frame, live }) {
    const past = film.find(({ step }) => step === frame.step);
    return live || fields?.step === frame.step ? null : past;
  }

  draw() {
    const on = this.touched.length > 0;
    this.root.classList.toggle("ls-touched", on);
    const marks = { "ls-stale": this.stale, "ls-copied": this.copy.on, "ls-rests": this.rests };
    for (const [name, there] of Object.entries(marks)) this.root.classList.toggle(name, Boolean(there));
    if (!on) this.kept = null;
    const fields = on ? (this.data?.fields?.of ?? []).filter(({ letter }) => this.touched.includes(letter)) : [];
    const lands = on && this.lands && !this.training ? this.data?.territories : null;
    this.drawField(fields, lands);
    this.drawMarks(fields, lands);
    this.drawWords(fields, lands);
    this.table.show(fields);
    if ((on || this.copy.on) && !this.watching) this.watch();
  }

  // Axes glide and are zoomed by Plotly, and sizes change: look at each frame, and draw if they are others.
  watch() {
    this.watching = requestAnimationFrame(() => {
      this.watching = null;
      if (!(this.touched.length || this.copy.on) || !this.root.isConnected) return;
      if (this.seen !== JSON.stringify(this.plot()) || (this.rolled && performance.now() - this.rolled < ROLL + 100))
        this.draw();
      else this.watch();
    });
  }

  drawField(fields, lands) {
    const p = this.plot();
    this.seen = JSON.stringify(p);
    const { step: at, n } = this.data?.fields ?? {},
      names = fields.map(({ name }) => name);
    const what = JSON.stringify([p, scheme(), this.training, lands && 1, names, time.run, at, n]);
    if (what === this.painted) return;
    this.painted = what;
    this.canvas.hidden = !fields.length && !lands;
    if (this.canvas.hidden) return;
    const detail = lands ? 0.5 : this.training ? 0.5 : Math.min(1.5, devicePixelRatio);
    const view = {
      width: Math.max(2, Math.round(p.w * detail)),
      height: Math.max(2, Math.round(p.h * detail)),
      x: p.x,
      y: p.y,
    };
    Object.assign(this.canvas.style, {
      left: `${p.left}px`,
      top: `${p.top}px`,
      width: `${p.w}px`,
      height: `${p.h}px`,
    });
    if (lands) this.who = { of: paintLands(this.canvas, lands, this.groups, view), ...view };
    else
      this.meeting = paintFields(
        this.canvas,
        fields.map((field) => [field, this.hues.of(field.letter, this.touched)]),
        view,
      );
  }

  drawMarks(fields, lands) {
    const marks = lands ? landNames(this, this.who) : fields.flatMap((field) => fieldMarks(this, field));
    const { copy, drag } = this,
      ghost = drag?.place ?? (this.dropped ? this.rolling(marks) : copy.place);
    if (copy.on && !this.dropped) marks.push(way(this, [this.discs[copy.letter], ghost]));
    if (ghost) marks.push(ghostMark(this, drag?.letter ?? copy.letter ?? this.touched[0], this.pixel(ghost)));
    this.marks.replaceChildren(...marks);
  }

  // Where the letter that was let go is by now; its way so far is added to the marks.
  rolling(marks) {
    const path = this.rolled && this.data?.descent?.path;
    if (!path) return this.dropped;
    const share = reducedMotion() ? 1 : Math.min(1, (performance.now() - this.rolled) / ROLL),
      so = 1 + Math.round(share * (path.length - 1));
    marks.push(way(this, path.slice(0, so)));
    return path[so - 1];
  }

  drawWords(fields, lands) {
    const { data } = this,
      waits = !fields.length || fields.length < this.touched.length;
    const moved = this.dropped && data?.descent;
    let said = moved ? data.descent.said : (data?.problem ?? (waits ? tr("Surveying …") : data.fields.said));
    if (this.copy.on)
      said = tr("“{letter}” stands there on a copy only.", { letter: this.characters[this.copy.letter] });
    else if (!this.touched.length) said = this.stepped || (this.found ? `${this.found} ${SHORT}` : HINT);
    else if (lands)
      said = this.slices
        ? tr("Each place belongs to the letter that would lose least there, in this plane.")
        : tr("Each place belongs to the letter that would lose least there.");
    else if (this.lands && !this.training && !moved) said = tr("Asking every letter about every place …");
    else if (fields.length === MOST_TOUCHED && this.meeting && !moved)
      said += ` ${tr("Within the thick line both are within {nats} nats of their lowest.", { nats: this.meeting })}`;
    setText(this.said, said);
    this.back.hidden = !this.dropped && !this.copy.on;
    this.roll.hidden = this.goOn.hidden = !this.copy.on;
    this.whose.hidden = !this.touched.length || this.copy.on || this.training || Boolean(data?.problem);
    this.whose.setAttribute("aria-pressed", String(this.lands));
    this.scale.hidden = this.keys.hidden = Boolean(lands) || !fields.length;
    this.hues.show(fields);
  }
};
