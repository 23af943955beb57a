"""Steps a second beside engines that run in a browser: `python -m tests.bench.peers [--playground nn.ts]`.

Needs Node with npm and a network; nothing is kept. ConvNetJS comes from npm. TensorFlow Playground is on no package
registry: give its `src/nn.ts` (github.com/tensorflow/playground), which esbuild from npm makes into JavaScript.

Each peer has the nearest network that it can build, and does less than ours: neither can learn an embedding, so
six numbers a context are given and stay; the Playground has one output where we have 27 and a softmax. All are
measured by processor time, in turn; the median of the rounds counts.
"""

import argparse
import os
import pathlib
import statistics
import subprocess
import tempfile
import time

import torch

from core.data.dataset import Dataset, load_words
from core.engine.history import KERNEL
from tests.bench.training import ours

HIDDEN, BATCH = 100, 32
SCRIPT = pathlib.Path(__file__).with_name("peers.mjs")
CONVNETJS, ESBUILD = "convnetjs@0.3.0", "esbuild@0.25.0"


def installed(folder: pathlib.Path, playground: pathlib.Path | None) -> dict[str, pathlib.Path]:
    """Name of a peer -> the file of its library."""
    packages = [CONVNETJS, *([ESBUILD] if playground else [])]
    subprocess.run(["npm", "install", "--silent", *packages], cwd=folder, check=True)
    peers = {"convnetjs": folder / "node_modules" / "convnetjs" / "build" / "convnet-min.js"}
    if playground:
        peers["playground"] = folder / "nn.cjs"
        tool, source = folder / "node_modules" / ".bin" / "esbuild", str(playground.resolve())
        subprocess.run(
            [tool, source, "--format=cjs", f"--outfile={peers['playground']}"], check=True, capture_output=True
        )
    return peers


def of_peer(name: str, library: pathlib.Path, seconds: float) -> float:
    command = ["node", SCRIPT, library, name, str(HIDDEN), str(BATCH), str(seconds)]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def of_ours(advance, seconds: float) -> float:
    began, steps = time.process_time(), 0
    while time.process_time() < began + seconds:
        advance(5_000)
        steps += 5_000
    return steps / (time.process_time() - began)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=5, help="turns of each (default 5)")
    parser.add_argument("--seconds", type=float, default=2.0, help="of processor time in a turn (default 2)")
    parser.add_argument("--playground", type=pathlib.Path, help="the file nn.ts of TensorFlow Playground")
    options = parser.parse_args()
    torch.set_num_threads(1)
    advance = ours(Dataset.of(load_words(), 3), 2, HIDDEN, BATCH, KERNEL)
    seen: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        peers = installed(pathlib.Path(folder), options.playground)
        for _ in range(options.rounds):
            seen.setdefault("ours", []).append(of_ours(advance, options.seconds))
            for name, library in peers.items():
                seen.setdefault(name, []).append(of_peer(name, library, options.seconds))
    rates = {name: statistics.median(values) for name, values in seen.items()}
    for name, rate in rates.items():
        print(f"{name:<12} {rate:>10,.0f} steps/s   ours makes {rates['ours'] / rate:,.0f} times as many")
    print(f"Minibatches of {BATCH}, {HIDDEN} hidden units. Load: {os.getloadavg()[0]:.1f}.")


if __name__ == "__main__":
    main()
