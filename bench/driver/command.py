"""The command line of bench/compare."""

import argparse
import datetime
import pathlib
import shutil
import subprocess
import sys
import tempfile
import os

from driver import machine, measures, report, systems
from driver.processes import Failed
from driver.results import Results

ROOT = pathlib.Path(__file__).resolve().parents[2]
SMOKE = {"clients": [1, 4], "events": [1, 10], "seconds": 0.5, "warm_up": 0.2, "runs": 1,
         "scan_events": 20_000, "growth": [5_000, 20_000], "subscribers": [0, 1, 5],
         "subscriber_rate": 200, "loads": [0.5], "read_rate": 20, "stream_calls": [2]}


def _numbers(kind):
    return lambda text: [kind(word) for word in text.split(",")]


def _names(known):
    def parse(text):
        names = text.split(",")
        for name in names:
            if name not in known:
                raise argparse.ArgumentTypeError(f"{name} is none of {', '.join(known)}")
        return names
    return parse


def _parser():
    parser = argparse.ArgumentParser(prog="bench/compare", description=__doc__)
    add = parser.add_argument
    add("--systems", type=_names(systems.ALL), default=list(systems.USUAL),
        help="of " + ", ".join(systems.ALL))
    add("--measures", type=_names(measures.ALL), default=list(measures.ALL),
        help="of " + ", ".join(measures.ALL))
    add("--clients", type=_numbers(int), default=[1, 16, 64, 256])
    add("--events", type=_numbers(int), default=[1, 10, 100], help="a request")
    add("--stream-calls", type=_numbers(int), default=[1, 4], help="streaming calls at once")
    add("--window", type=int, default=128, help="unanswered messages of a streaming call")
    add("--subscribers", type=_numbers(int), default=[0, 1, 100, 1000])
    add("--subscriber-rate", type=int, default=2000, help="appends/s beside the subscribers")
    add("--loads", type=_numbers(float), default=[0.1, 0.25, 0.5, 0.6, 0.7, 0.8, 0.9],
        help="shares of the highest rate, for the latency curve")
    add("--read-rate", type=float, default=50, help="reads/s beside the latency curve")
    add("--scan-events", type=int, default=5_000_000)
    add("--scan-passes", type=int, default=2)
    add("--growth", type=_numbers(int), default=[1_000_000, 20_000_000], help="sizes of the log")
    add("--seconds", type=float, default=5)
    add("--warm-up", type=float, default=1)
    add("--runs", type=int, default=3)
    add("--smoke", action="store_true", help="tiny figures: does everything work?")
    add("--results", type=pathlib.Path, default=ROOT / "build-results/compare.jsonl",
        help="added to; what is there already is not measured again")
    add("--markdown", type=pathlib.Path, help="where the tables go too")
    add("--report-only", action="store_true", help="print the tables of what is there")
    add("--binaries", type=pathlib.Path, help="use these programs, build nothing")
    add("--work", type=pathlib.Path, default=ROOT / "build-results",
        help="data folders are made here: the disk that is measured")
    return parser


def _options(arguments):
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.smoke:
        for name, value in SMOKE.items():
            if getattr(options, name) == parser.get_default(name):
                setattr(options, name, value)
        if options.results == parser.get_default("results"):
            options.results = options.results.with_name("compare-smoke.jsonl")
    return options


def _build(options):
    if options.binaries:
        return options.binaries
    subprocess.run(["cmake", "--preset", "release", "-DNEXUS_BENCH=ON"], cwd=ROOT, check=True,
                   stdout=subprocess.DEVNULL)
    wanted = ["nexusd", "nexus_echo", "grpc_load", "rocks_load"]
    if "message-db" in options.systems:
        wanted.append("message_db_load")
    subprocess.run(["cmake", "--build", "build", "--target", *wanted], cwd=ROOT, check=True,
                   stdout=subprocess.DEVNULL)
    return ROOT / "build/bin"


def _revision():
    answer = subprocess.run(["git", "describe", "--always", "--dirty"], cwd=ROOT,
                            capture_output=True, text=True, check=False)
    return answer.stdout.strip() or "unknown"


def _now():
    return datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds")


def _run_cell(cell, system, setting, options, results):
    folder = pathlib.Path(tempfile.mkdtemp(dir=setting.work, prefix=system.name + "-"))
    folder.chmod(0o755)
    try:
        system.prepare(folder)
        system.start()
        result = measures.run(cell, system, options, results.highest_rate(system.name))
    finally:
        system.stop()
        shutil.rmtree(folder, ignore_errors=True)
    return result


def _say(text):
    print(text, file=sys.stderr, flush=True)


def _summary(result):
    if "points" in result:
        return ", ".join(f"{point['events']:,}: {point['events_per_second']:,.0f}/s"
                         for point in result["points"])
    return (f"{result['events_per_second']:>11,.0f} events/s  p50 {result['p50_ms']:.2f} ms  "
            f"p99 {result['p99_ms']:.2f} ms")


def _measure_all(options, setting, results):
    """How many cells failed."""
    failed = 0
    kinds = [systems.ALL[name] for name in options.systems]
    todo = [(run, cell, kind) for run in range(1, options.runs + 1)
            for cell in measures.cells(options) for kind in kinds
            if measures.applies(cell, kind) and
            not results.has(cell, kind.name, run, options.seconds)]
    _say(f"{len(todo)} cells to measure")
    for place, (run, cell, kind) in enumerate(todo, 1):
        system = kind(setting)
        what = f"[{place}/{len(todo)}] run {run} {kind.name} {cell}"
        try:
            result = _run_cell(cell, system, setting, options, results)
        except (Failed, RuntimeError, OSError, subprocess.CalledProcessError) as why:
            failed += 1
            _say(f"{what}: FAILED: {why}")
            continue
        results.add({"cell": cell, "system": kind.name, "run": run, "seconds": options.seconds,
                     "when": _now(), "load_average": os.getloadavg()[0], "note": system.note,
                     "result": result})
        errors = f"  ERRORS {result['errors']}: {result['first_error']}" if result["errors"] else ""
        failed += 1 if result["errors"] else 0
        _say(f"{what}: {_summary(result)}{errors}")
    return failed


def main(arguments):
    options = _options(arguments)
    results = Results(options.results)
    failed = 0
    if not options.report_only:
        try:
            binaries = _build(options)
        except subprocess.CalledProcessError as why:
            _say(f"the build failed: {why}")
            return 1
        tools = os.environ.get("NEXUS_TOOLS", os.path.expanduser("~/.cache/nexus/tools"))
        options.work.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=options.work, prefix="compare-") as work:
            os.chmod(work, 0o755)
            results.add({"machine": machine.describe(work), "when": _now(),
                         "revision": _revision()})
            failed = _measure_all(options, systems.Setting(binaries, tools, work), results)
    text = report.markdown(results)
    print(text)
    if options.markdown:
        options.markdown.write_text(text)
    if failed:
        _say(f"{failed} cells failed or had errors; call again to try those that failed")
    return 1 if failed else 0
