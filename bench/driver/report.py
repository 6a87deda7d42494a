"""The tables: what was measured, and how it stands to what is asked for."""

from driver import measures, systems

# What is asked for: name, (cell, system, field) above the line, the same below, at least.


def _append(events, clients):
    return {"measure": "append", "events": events, "clients": clients}


def _condition(name):
    return {"measure": "condition", "condition": name, "clients": measures.CONDITION_CLIENTS}


def goals(results):
    rate = "events_per_second"
    for clients, least in ((1, 1.5), (16, 1.5), (64, 1.5), (256, 2)):
        yield (f"1 event, {clients} clients, to UmaDB", (_append(1, clients), "nexus", rate),
               (_append(1, clients), "umadb", rate), least)
    yield ("1 event, 64 clients, to the bare echo", (_append(1, 64), "nexus", rate),
           (_append(1, 64), "echo", rate), 0.5)
    for events, least in ((10, 3), (100, 5)):
        yield (f"{events} events, 64 clients, to UmaDB", (_append(events, 64), "nexus", rate),
               (_append(events, 64), "umadb", rate), least)
    yield ("100 events, 64 clients, to one raw RocksDB writer", (_append(100, 64), "nexus", rate),
           ({"measure": "raw", "events": 100}, "rocksdb-1", rate), 1.5)
    for cell in _cells(results, "stream"):
        yield (f"AppendStream, {cell['streams']} calls, to the streaming echo",
               (cell, "nexus", rate), (cell, "echo", rate), 0.5)
    yield ("expected revision, to none", (_condition("revision"), "nexus", rate),
           (_condition("none"), "nexus", rate), 0.8)
    yield ("tag condition, to tagged without one", (_condition("tag"), "nexus", rate),
           (_condition("tagged"), "nexus", rate), 0.8)
    for cell in _cells(results, "scan"):
        yield (f"scan of {cell['events']:,} events, to UmaDB", (cell, "nexus", rate),
               (cell, "umadb", rate), 2)
    for cell in _cells(results, "subscribe"):
        if cell["subscribers"] == 100:
            yield ("appends beside 100 subscribers, to none", (cell, "nexus", rate),
                   ({**cell, "subscribers": 0}, "nexus", rate), 0.8)


def _cells(results, measure):
    found = []
    for record in results.records:
        if record["cell"]["measure"] == measure and record["cell"] not in found:
            found.append(record["cell"])
    order = measures.ALL
    return sorted(found, key=lambda cell: order.index(cell["measure"]))


def _number(value):
    if value is None:
        return "–"
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def _row(columns):
    return "| " + " | ".join(columns) + " |"


def _name(cell):
    return ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in cell.items()
                     if name != "measure")


def _entry(results, cell, system):
    rate = results.median(cell, system, "events_per_second")
    if rate is None:
        return "–"
    failed = sum(result["errors"] for result in results.of(cell, system))
    text = f"{_number(rate)} ({_number(results.median(cell, system, 'p50_ms'))} / "
    text += f"{_number(results.median(cell, system, 'p99_ms'))})"
    if cell["measure"] == "hot":
        text += f", {_number(results.median(cell, system, 'retries'))} retries"
    return text + (f" **{failed} errors**" if failed else "")


def _rates(results, lines):
    order = [name for name in systems.ALL
             if any(record["system"] == name for record in results.records)]
    for measure in measures.ALL:
        cells = _cells(results, measure)
        if not cells or measure == "growth":
            continue
        columns = [name for name in order
                   if any(results.of(cell, name) for cell in cells)]
        lines += ["", f"### {measure}", "", "Events/s (p50 / p99 of a request, ms).", "",
                  _row(["", *columns]), _row(["---"] * (len(columns) + 1))]
        for cell in cells:
            lines.append(_row([_name(cell), *(_entry(results, cell, name) for name in columns)]))
        if measure in ("subscribe", "latency"):
            _details(results, cells, columns, lines)


_DETAILS = {"subscribe": ("delivery_p50_ms", "delivery_p99_ms", "not_delivered"),
            "latency": ("offered_per_second", "read_p50_ms", "read_p99_ms")}


def _details(results, cells, columns, lines):
    fields = _DETAILS[cells[0]["measure"]]
    lines += ["", _row(["", "system", *(field.replace("_", " ") for field in fields)]),
              _row(["---"] * (len(fields) + 2))]
    for cell in cells:
        for name in columns:
            if results.of(cell, name):
                values = [_number(results.median(cell, name, field)) for field in fields]
                lines.append(_row([_name(cell), name, *values]))


def _growth(results, lines):
    records = [record for record in results.records if record["cell"]["measure"] == "growth"]
    if not records:
        return
    lines += ["", "### growth", "", _row(["system", "run", "events", "appends/s", "p99 ms",
                                          "resident MiB", "open s"]), _row(["---"] * 7)]
    for record in records:
        for point in record["result"]["points"]:
            last = point is record["result"]["points"][-1]
            lines.append(_row([record["system"], str(record["run"]), f"{point['events']:,}",
                               _number(point["events_per_second"]), _number(point["p99_ms"]),
                               _number(point["resident_mib"]),
                               str(record["result"]["open_seconds"]) if last else ""]))


def _goals(results, lines):
    rows = []
    for name, above, below, least in goals(results):
        over, under = results.median(*above), results.median(*below)
        if over is None or not under:
            continue
        ratio = over / under
        rows.append(_row([name, f"{ratio:.2f}", f"{least:g}", "yes" if ratio >= least else "no"]))
    if rows:
        lines += ["", "### Against what is asked for", "",
                  _row(["ratio", "measured", "at least", "met"]), _row(["---"] * 4), *rows]


def markdown(results):
    lines = ["## bench/compare", ""]
    for record in results.machines:
        machine = record["machine"]
        lines.append(f"- {record['when']}: {machine['cores']} cores ({machine['model']}), kernel "
                     f"{machine['kernel']}, load {machine['load_average']:.2f} before, "
                     f"fdatasync {machine['fdatasyncs_per_second']}/s "
                     f"(p50 {machine['fdatasync_p50_ms']} ms, p99 {machine['fdatasync_p99_ms']} "
                     f"ms), revision {record['revision']}")
    for note in sorted({record["note"] for record in results.records if record.get("note")}):
        lines.append(f"- **{note}**")
    _goals(results, lines)
    _rates(results, lines)
    _growth(results, lines)
    return "\n".join(lines) + "\n"
