"""The command line of bench/turns: what a change gave, on a machine whose speed drifts.

Each round measures every cell on every candidate once, one right after the other, so that a slow
minute hits all alike. What is compared is the median over the rounds; CPU a request drifts less
than the rate does.
"""

import argparse
import os
import pathlib
import shutil
import statistics
import tempfile

from driver import systems

ROOT = pathlib.Path(__file__).resolve().parents[2]


def _parser():
    parser = argparse.ArgumentParser(prog="bench/turns", description=__doc__)
    add = parser.add_argument
    add("candidates", nargs="+",
        help="a folder with nexusd (and the loads, or build/bin has them), or a system's name")
    add("--cells", default="64x1,256x1,64x100,stream4",
        help="CLIENTSxEVENTS of an append, or streamCALLS of AppendStream")
    add("--rounds", type=int, default=3)
    add("--seconds", type=float, default=2)
    add("--loads", type=pathlib.Path, default=ROOT / "build/bin", help="where grpc_load is")
    return parser


class _Candidate:
    def __init__(self, text, loads, tools, work):
        self.name = text
        kind = systems.ALL.get(text, systems.Nexus)
        binaries = loads if text in systems.ALL else pathlib.Path(text)
        self.system = kind(systems.Setting(binaries, tools, work))
        # One load for all: what it costs must not differ.
        self.system.load_program = loads / "grpc_load"


def _flags(cell, seconds):
    timed = {"seconds": seconds, "warm-up": 0.5, "size": 256}
    if cell.startswith("stream"):
        return "stream", {"clients": int(cell[6:]), "events": 1, "window": 128, **timed}
    clients, events = cell.split("x")
    return "append", {"clients": int(clients), "events": int(events), **timed}


def _measure(candidate, cell, seconds, work):
    system = candidate.system
    folder = pathlib.Path(tempfile.mkdtemp(dir=work))
    try:
        system.prepare(folder)
        system.start()
        measure, flags = _flags(cell, seconds)
        before = system.server.cpu_seconds()
        result = system.load(measure, **flags)
        cpu = system.server.cpu_seconds() - before
    finally:
        system.stop()
        shutil.rmtree(folder, ignore_errors=True)
    # The warm-up costs as much as the rest a request.
    share = seconds / (seconds + flags["warm-up"])
    return result["requests_per_second"], cpu * share / result["requests"] * 1e6


def main(arguments):
    options = _parser().parse_args(arguments)
    tools = os.environ.get("NEXUS_TOOLS", os.path.expanduser("~/.cache/nexus/tools"))
    base = ROOT / "build-results"
    base.mkdir(exist_ok=True)
    figures = {}
    with tempfile.TemporaryDirectory(dir=base, prefix="turns-") as work:
        candidates = [_Candidate(text, options.loads, tools, work) for text in options.candidates]
        for _ in range(options.rounds):
            for cell in options.cells.split(","):
                for candidate in candidates:
                    if _flags(cell, 0)[0] not in candidate.system.measures:
                        continue
                    key = (cell, candidate.name)
                    figures.setdefault(key, []).append(
                        _measure(candidate, cell, options.seconds, work))
    print("| cell | candidate | requests/s, median (least - most) | of the first, in pairs | "
          "server CPU a request, us |")
    print("|---|---|---|---|---|")
    firsts = {}
    for (cell, name), found in figures.items():
        rates = [rate for rate, _ in found]
        cpus = [cpu for _, cpu in found]
        first = firsts.setdefault(cell, rates)
        # What is slow for both of a pair says nothing about their ratio.
        share = statistics.median(rate / other for rate, other in zip(rates, first))
        print(f"| {cell} | {name} | {statistics.median(rates):,.0f} "
              f"({min(rates):,.0f} - {max(rates):,.0f}) | {share:.2f} | "
              f"{statistics.median(cpus):.1f} ({min(cpus):.1f} - {max(cpus):.1f}) |")
    return 0
