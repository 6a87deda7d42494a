"""What the figures depend on: the cores, and how fast the disk syncs."""

import os
import platform
import time


def _synced_writes(folder, seconds):
    """4 KiB appended and synced with fdatasync, one after the other."""
    block = os.urandom(4096)
    path = os.path.join(folder, "fdatasync-probe")
    latencies = []
    file = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
    try:
        end = time.perf_counter() + seconds
        while time.perf_counter() < end:
            os.write(file, block)
            begun = time.perf_counter()
            os.fdatasync(file)
            latencies.append(time.perf_counter() - begun)
    finally:
        os.close(file)
        os.unlink(path)
    latencies.sort()
    return {"fdatasyncs_per_second": round(len(latencies) / seconds),
            "fdatasync_p50_ms": round(latencies[len(latencies) // 2] * 1e3, 3),
            "fdatasync_p99_ms": round(latencies[len(latencies) * 99 // 100] * 1e3, 3)}


def describe(folder, seconds=1.0):
    model = ""
    with open("/proc/cpuinfo") as info:
        for line in info:
            if line.startswith("model name"):
                model = line.split(":", 1)[1].strip()
                break
    return {"cores": os.cpu_count(), "model": model, "kernel": platform.release(),
            "load_average": os.getloadavg()[0], **_synced_writes(folder, seconds)}
