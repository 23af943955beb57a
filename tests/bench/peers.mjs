// One peer's own engine in Node: `node peers.mjs LIBRARY NAME N_HIDDEN BATCH SECONDS` prints steps per second of
// processor time. LIBRARY: the file of the library; NAME: convnetjs or playground.
import { createRequire } from "node:module";

const [file, name] = process.argv.slice(2);
const [hidden, rows, seconds] = process.argv.slice(4).map(Number);
const library = createRequire(import.meta.url)(file);
const [INPUTS, SYMBOLS, RATE, EXAMPLES] = [6, 27, 0.1, 1000];
const inputs = Array.from({ length: EXAMPLES }, () => Array.from({ length: INPUTS }, () => Math.random() * 2 - 1));
const targets = inputs.map(() => Math.floor(Math.random() * SYMBOLS));

// example(i) trains on one example; after as many as a minibatch has, update() changes the weights.
const engines = {
  convnetjs: () => {
    const net = new library.Net();
    net.makeLayers([
      { type: "input", out_sx: 1, out_sy: 1, out_depth: INPUTS },
      { type: "fc", num_neurons: hidden, activation: "tanh" },
      { type: "softmax", num_classes: SYMBOLS },
    ]);
    const trainer = new library.Trainer(net, { learning_rate: RATE, momentum: 0, batch_size: rows });
    const volumes = inputs.map((numbers) => new library.Vol(numbers));
    return { example: (i) => trainer.train(volumes[i], targets[i]), update: () => {} }; // it counts examples itself
  },
  playground: () => {
    const { Activations, Errors, backProp, buildNetwork, forwardProp, updateWeights } = library;
    const shape = [INPUTS, hidden, 1];
    const ids = inputs[0].map((_, i) => `x${i}`);
    const net = buildNetwork(shape, Activations.TANH, Activations.LINEAR, null, ids, false);
    return {
      example: (i) => (forwardProp(net, inputs[i]), backProp(net, targets[i] / SYMBOLS, Errors.SQUARE)),
      update: () => updateWeights(net, RATE, 0),
    };
  },
};

const { example, update } = engines[name]();
const spent = () => process.cpuUsage().user / 1e6;
let steps = 0,
  from = 0;
const train = (until) => {
  for (steps = 0, from = spent(); spent() < from + until; steps++) {
    for (let row = 0; row < rows; row++) example((steps * rows + row) % EXAMPLES);
    update();
  }
};
train(seconds / 4); // until it is compiled
train(seconds);
console.log(steps / (spent() - from));
