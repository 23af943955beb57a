// The live line: what is new of the run is pushed over a websocket (core/serving/channel.py). When it breaks it comes
// back by itself, and says what this page already has. A page that is hidden is sent nothing until it is seen again.

const FIRST = 250; // ms before it is opened again; twice as long each time
const LONGEST = 10000;
const PATIENCE = 1000; // ms after which a line that broke is said to be lost
const WATCH = 1000; // ms between two looks at the line itself
const QUIET = 4000; // ms without a word after which the server is asked whether it is still there
const DEAD = 12000; // ms without a word after which the line is given up

export const Line = class {
  // receive(message); have(): what the page has already; wanted(): whether the page still shows the run; lost(whether)
  constructor(how) {
    Object.assign(this, how, { key: null, socket: null, wait: FIRST, said: new Map() });
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
    if (!this.wanted()) return this.close();
    if (document.hidden || this.socket?.readyState !== WebSocket.OPEN) return;
    const quiet = performance.now() - this.heard;
    if (quiet > DEAD) this.giveUp();
    else if (quiet > QUIET) this.send("still", true);
  }

  giveUp() {
    if (!this.socket) return;
    this.socket.close();
    this.broken();
  }

  // key: of this page, as its script said; another after the server has begun anew
  open(key) {
    if (key === this.key && this.socket) return;
    this.close();
    this.key = key;
    this.wait = FIRST;
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
    const mine = (act) => (event) => socket === this.socket && act(event);
    socket.addEventListener(
      "open",
      mine(() => {
        this.heard = performance.now();
        this.send("hello", this.have());
        for (const [name, value] of this.said) this.send(name, value);
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
        this.number = message.n;
        if (this.wanted()) this.receive(message);
        this.acknowledge();
      }),
    );
    socket.addEventListener(
      "close",
      mine(() => this.broken()),
    );
  }

  broken() {
    this.socket = null;
    if (!this.wanted()) return;
    this.losing ??= setTimeout(() => this.lost((this.isLost = true)), PATIENCE);
    this.again = setTimeout(() => this.connect(), this.wait * (0.75 + 0.5 * Math.random()));
    this.wait = Math.min(2 * this.wait, LONGEST);
  }

  found() {
    this.losing = clearTimeout(this.losing);
    if (this.isLost) this.lost((this.isLost = false));
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
    if (this.socket?.readyState === WebSocket.OPEN) this.send(name, value);
  }

  send(name, value) {
    this.socket?.send(JSON.stringify({ [name]: value }));
  }
};
