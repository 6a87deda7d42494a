"""What is measured: the cells of each measure, and how one cell is run on one system.

A cell is a dictionary of its measure and parameters; it is the key under which results are kept.
"""

import time

EVENT_BYTES = 256
PRELOAD_CLIENTS = 16
PRELOAD_EVENTS = 100
HOT_WRITERS = 16
CONDITION_CLIENTS = 64
LATENCY_SLOTS = 1024  # calls that may be under way in the open loop
SMALL_STREAMS, SMALL_STREAM = 2_000, 10
LARGE_STREAMS, LARGE_STREAM = 8, 10_000


def cells(options):
    """All that was asked for, in the order of the table."""
    makers = {"append": _append_cells, "raw": _raw_cells, "stream": _stream_cells,
              "condition": _condition_cells, "hot": _hot_cells, "read": _read_cells,
              "scan": _scan_cells, "subscribe": _subscribe_cells, "latency": _latency_cells,
              "growth": _growth_cells}
    for measure in options.measures:
        for parameters in makers[measure](options):
            yield {"measure": measure, **parameters}


def _append_cells(options):
    for events in options.events:
        for clients in options.clients:
            yield {"events": events, "clients": clients}


def _raw_cells(options):
    for events in options.events:
        yield {"events": events}


def _stream_cells(options):
    for streams in options.stream_calls:
        yield {"streams": streams, "window": options.window, "events": 1}


def _condition_cells(_):
    for condition in ("none", "tagged", "revision", "tag"):
        yield {"condition": condition, "clients": CONDITION_CLIENTS}


def _hot_cells(_):
    for condition in ("revision", "tag"):
        yield {"condition": condition, "writers": HOT_WRITERS}


def _read_cells(_):
    yield {"stream_events": SMALL_STREAM, "streams": SMALL_STREAMS, "clients": 16}
    yield {"stream_events": LARGE_STREAM, "streams": LARGE_STREAMS, "clients": 4}


def _scan_cells(options):
    yield {"events": options.scan_events}


def _subscribe_cells(options):
    for subscribers in options.subscribers:
        yield {"subscribers": subscribers, "rate": options.subscriber_rate}


def _latency_cells(options):
    for load in options.loads:
        yield {"load": load}


def _growth_cells(options):
    yield {"events": options.growth}


def applies(cell, system):
    """Whether the system has such a thing."""
    if cell["measure"] not in system.measures:
        return False
    condition = cell.get("condition")
    needed = "tag" if condition == "tagged" else condition
    return needed is None or needed in system.conditions


def run(cell, system, options, highest_rate):
    """One cell on a server that was just started on a fresh folder. `highest_rate` is the best
    rate of one event a request that the system reached, or None."""
    return _RUNS[cell["measure"]](cell, system, options, highest_rate)


def _timed(options):
    return {"seconds": options.seconds, "warm-up": options.warm_up, "size": EVENT_BYTES}


def _run_append(cell, system, options, _):
    return system.load("append", clients=cell["clients"], events=cell["events"], **_timed(options))


def _run_raw(cell, system, options, _):
    return system.load("raw", events=cell["events"], **_timed(options))


def _run_stream(cell, system, options, _):
    return system.load("stream", clients=cell["streams"], events=1, window=cell["window"],
                       **_timed(options))


def _run_condition(cell, system, options, _):
    condition = cell["condition"]
    demanded = "none" if condition == "tagged" else condition
    return system.load("append", clients=cell["clients"], events=1, condition=demanded,
                       tagged=condition in ("tagged", "tag"), **_timed(options))


def _run_hot(cell, system, options, _):
    return system.load("append", clients=cell["writers"], events=1, hot=True,
                       condition=cell["condition"],
                       tagged=cell["condition"] == "tag", **_timed(options))


def _preload(system, events):
    """Grows the log by about so many events, as fast as it goes, spread over 16 streams."""
    calls = max(1, events // PRELOAD_EVENTS)
    result = system.load("append", clients=PRELOAD_CLIENTS, events=PRELOAD_EVENTS, calls=calls,
                         size=EVENT_BYTES)
    _no_errors(result)
    return calls * PRELOAD_EVENTS


def _no_errors(result):
    if result["errors"]:
        raise RuntimeError(f"the load before the measure failed: {result['first_error']}")


def _run_read(cell, system, options, _):
    if cell["stream_events"] == SMALL_STREAM:
        filled = system.load("append", clients=PRELOAD_CLIENTS, events=SMALL_STREAM,
                             calls=cell["streams"], size=EVENT_BYTES, **{"fresh-streams": True})
    else:
        # Each client writes its own stream, one request after the other.
        filled = None
        for _ in range(cell["stream_events"] // PRELOAD_EVENTS):
            filled = system.load("append", clients=cell["streams"], events=PRELOAD_EVENTS,
                                 calls=cell["streams"], size=EVENT_BYTES)
            _no_errors(filled)
    _no_errors(filled)
    return system.load("read", clients=cell["clients"], streams=cell["streams"],
                       **{"stream-events": cell["stream_events"]}, **_timed(options))


def _run_scan(cell, system, options, _):
    _preload(system, cell["events"])
    passes = system.load("scan", passes=options.scan_passes)
    if passes["events"] < passes["requests"] * (cell["events"] // PRELOAD_EVENTS * PRELOAD_EVENTS):
        raise RuntimeError(f"a scan missed events: {passes['events']}")
    return passes


def _run_subscribe(cell, system, options, _):
    return system.load("subscribe", clients=256, subscribers=cell["subscribers"], events=1,
                       rate=cell["rate"], **_timed(options))


def _run_latency(cell, system, options, highest_rate):
    """Appends in an open loop at a share of the highest rate, and beside them reads of streams of
    10 events at a low rate."""
    if not highest_rate:
        raise RuntimeError("measure append with 1 event first: it gives the highest rate")
    filled = system.load("append", clients=PRELOAD_CLIENTS, events=SMALL_STREAM, calls=200,
                         size=EVENT_BYTES, **{"fresh-streams": True})
    _no_errors(filled)
    reads = system.begin("read", clients=16, streams=200, rate=options.read_rate,
                         **_timed(options))
    # The appends go to streams of their own: the reads stay at 10 events.
    appends = system.load("append", clients=LATENCY_SLOTS, events=1, rate=cell["load"] * highest_rate,
                          **{"first-stream": 1_000_000}, **_timed(options))
    read = system.result(reads)
    appends["offered_per_second"] = cell["load"] * highest_rate
    for field in ("requests_per_second", "p50_ms", "p99_ms", "errors"):
        appends[f"read_{field}"] = read[field]
    appends["errors"] += read["errors"]
    appends["first_error"] = appends["first_error"] or read["first_error"]
    return appends


def _settle(system, seconds=300):
    """Waits until the server has done what a bulk load left behind: compaction, indexing."""
    end = time.monotonic() + seconds
    before = system.server.cpu_seconds()
    while time.monotonic() < end:
        time.sleep(1)
        now = system.server.cpu_seconds()
        if now - before < 0.05:
            return
        before = now


def _run_growth(cell, system, options, _):
    """The append rate at each size of the log, once the load of it has settled; then how long a
    restart takes."""
    result = {"errors": 0, "first_error": "", "points": []}
    size = 0
    for events in cell["events"]:
        size += _preload(system, events - size)
        _settle(system)
        rate = system.load("append", clients=64, events=1, **_timed(options))
        size += rate["requests"]
        result["errors"] += rate["errors"]
        result["first_error"] = result["first_error"] or rate["first_error"]
        result["points"].append({"events": events, "resident_mib": round(system.resident_mib(), 1),
                                 "events_per_second": rate["events_per_second"],
                                 "p99_ms": rate["p99_ms"]})
    system.stop()
    system.start()
    result["open_seconds"] = round(system.started_in, 3)
    result["resident_after_open_mib"] = round(system.resident_mib(), 1)
    return result


_RUNS = {"append": _run_append, "raw": _run_raw, "stream": _run_stream,
         "condition": _run_condition, "hot": _run_hot, "read": _run_read, "scan": _run_scan,
         "subscribe": _run_subscribe, "latency": _run_latency, "growth": _run_growth}

ALL = tuple(_RUNS)
