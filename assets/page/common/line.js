// The live line: what is new of the run is pushed over a websocket (core/serving/channel.py). When it breaks it comes
// back by itself, and says what this page already has. A page that is hidden is sent nothing until it is seen again.
// Commands go the other way. Each has a number; those that were not answered are sent again when the line is back, and
// the server carries out each number once.
import { tr } from "./messages.js";

const FIRST = 250; // ms before it is opened again; twice as long each time
const LONGEST = 10000;
const PATIENCE = 1000; // ms after which a line that broke is said to be lost
const WATCH = 1000; // ms between two looks at the line itself
const LEFT = 3; // such looks at which nothing shows the run, after which the line is closed
const QUIET = 4000; // ms without a word after which the server is asked whether it is still there
const DEAD = 12000; // ms without a word after which the line is given up
const REPLACED = 4000; // the server's code for a line whose page has opened another (core/serving/channel.py)
// So many in a row, and the page asks for another key: its cookie may have been deleted, or the server begun anew. It
// asks again after as many more, as Streamlit may not have been connected.
const REFUSALS = 2;

const MOST_ORDERS = 12; // commands without an answer

const ownName = () =>
  [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");

const LOST = tr("The connection was lost. Trying to reach the server again …");
const ELSEWHERE = tr("This page is open in another window, too, which has the connection. Reload to go on here.");

export const Line = class {
  // receive(message); have(): what the page has already; wanted(): whether the page still shows the run;
  // lost(why), null for found again; refused(): the server is there, and does not take this key;
  // ordered(problem): there are other commands without an answer, or one could not be carried out
  constructor(how) {
    Object.assign(this, how, { key: null, socket: null, wait: FIRST, refusals: 0, said: new Map() });
    Object.assign(this, { page: ownName(), orders: [], ordersMade: 0 });
  }

  watch() {
    this.watching = new AbortController();
    const { signal } = this.watching;
    const seen = () => {
      if (document.hidden) return;
      this.heard = performance.now(); // nobody looked meanwhile
      this.acknowledge();
      this.retry();
    };
    document.addEventListener("visibilitychange", seen, { signal });
    addEventListener("online", () => this.retry(), { signal });
    addEventListener("offline", () => this.giveUp(), { signal });
    this.looking = setInterval(() => this.look(), WATCH);
  }

  look() {
    this.unwanted = this.wanted() ? 0 : this.unwanted + 1;
    if (this.unwanted) return this.unwanted < LEFT || this.close(); // it may be drawn anew just now
    if (document.hidden || !this.connected) return;
    this.catchUp();
    const quiet = performance.now() - this.heard;
    if (quiet > DEAD) this.giveUp();
    else if (quiet > QUIET) this.send("still", true);
  }

  // What came while nothing showed the run was not taken, nor acknowledged: say what there is, and be told the rest.
  catchUp() {
    if (!this.missed || !this.connected || !this.wanted()) return;
    this.missed = false;
    this.send("hello", this.have());
  }

  giveUp() {
    if (!this.socket) return;
    this.socket.close();
    this.broken();
  }

  // key: of this page, as its script said; another after the server has begun anew
  open(key) {
    if (key === this.key && this.socket) return this.catchUp();
    this.close();
    this.key = key;
    this.wait = FIRST;
    this.refusals = this.unwanted = 0;
    this.watch();
    this.connect();
  }

  close() {
    this.watching?.abort();
    clearInterval(this.looking);
    clearTimeout(this.again);
    this.socket?.close();
    this.socket = null;
  }

  connect() {
    clearTimeout(this.again);
    const url = new URL(`../../live?page=${encodeURIComponent(this.key)}`, import.meta.url);
    url.protocol = url.protocol.replace("http", "ws");
    const socket = (this.socket = new WebSocket(url));
    this.number = null;
    let accepted = false;
    const mine = (act) => (event) => socket === this.socket && act(event);
    socket.addEventListener(
      "open",
      mine(() => {
        accepted = true;
        this.missed = false;
        this.refusals = 0;
        this.heard = performance.now();
        this.send("hello", this.have());
        for (const [name, value] of this.said) this.send(name, value);
        for (const order of this.orders) this.send("do", [this.page, ...order]);
      }),
    );
    socket.addEventListener(
      "message",
      mine(({ data }) => {
        this.wait = FIRST;
        this.heard = performance.now();
        this.found();
        const message = JSON.parse(data);
        if (message.still) return;
        if (message.did) return this.answered(message);
        if (!this.wanted()) return void (this.missed = true);
        this.number = message.n;
        this.receive(message);
        this.acknowledge();
      }),
    );
    socket.addEventListener(
      "close",
      mine(({ code }) => {
        if (code === REPLACED) return this.leave();
        this.broken();
        if (!accepted && navigator.onLine && ++this.refusals % REFUSALS === 0) this.refused();
      }),
    );
  }

  // Another line has this page's place. To take it back would go on for ever: that is for whoever looks at this one.
  leave() {
    this.socket = null;
    if (this.wanted()) this.lost((this.why = ELSEWHERE)); // else this page itself has the other line
  }

  broken() {
    this.socket = null;
    if (!this.wanted()) return;
    this.losing ??= setTimeout(() => this.lost((this.why = LOST)), PATIENCE);
    this.again = setTimeout(() => this.connect(), this.wait * (0.75 + 0.5 * Math.random()));
    this.wait = Math.min(2 * this.wait, LONGEST);
  }

  found() {
    this.losing = clearTimeout(this.losing);
    if (this.why) this.lost((this.why = null));
  }

  retry() {
    if (this.key && !this.socket && this.wanted()) this.connect();
  }

  acknowledge() {
    if (this.number === null || document.hidden) return;
    this.send("ack", this.number);
    this.number = null;
  }

  // The newest of each name is said again whenever the line is back.
  say(name, value) {
    this.said.set(name, value);
    if (this.connected) this.send(name, value);
  }

  get connected() {
    return this.socket?.readyState === WebSocket.OPEN;
  }

  // A command: a name, and a value if it has one.
  order(name, value = null) {
    if (this.orders.length >= MOST_ORDERS) return;
    const order = [++this.ordersMade, name, value];
    this.orders.push(order);
    if (this.connected) this.send("do", [this.page, ...order]);
    this.ordered("");
  }

  answered({ did, problem }) {
    this.orders = this.orders.filter(([number]) => number !== did);
    this.ordered(problem);
  }

  send(name, value) {
    this.socket?.send(JSON.stringify({ [name]: value }));
  }
};
