"""Programs that the driver starts, and what it can see of them from outside."""

import ctypes
import os
import signal
import socket
import subprocess
import time


class Failed(Exception):
    """Something did not come up or did not answer; the message says what."""


def _die_with_parent():
    pr_set_pdeathsig = 1
    ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGKILL)


class Process:
    """A server. Its output goes to a file; it ends with the driver, however that ends."""

    def __init__(self, command, log, env=None, user=None):
        self.log = log
        self.begun = time.monotonic()
        with open(log, "wb") as out:
            # PostgreSQL does not run as root.
            identity = {"user": user, "group": user, "extra_groups": []} if user else {}
            self._child = subprocess.Popen(
                [str(part) for part in command], stdout=out, stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL, env={**os.environ, **(env or {})},
                preexec_fn=_die_with_parent, **identity)

    @property
    def pid(self):
        return self._child.pid

    def wait_for(self, what, ready, seconds=60):
        """Seconds from the start until ready() gave something, and what it gave."""
        while True:
            answer = ready()
            if answer:
                return time.monotonic() - self.begun, answer
            if self._child.poll() is not None or time.monotonic() - self.begun > seconds:
                raise Failed(f"{what} did not come up:\n{self.output()[-2000:]}")
            time.sleep(0.002)

    def output(self):
        with open(self.log, errors="replace") as log:
            return log.read()

    def resident_mib(self):
        with open(f"/proc/{self.pid}/status") as status:
            for line in status:
                if line.startswith("VmRSS:"):
                    return int(line.split()[1]) / 1024
        return 0.0

    def cpu_seconds(self):
        with open(f"/proc/{self.pid}/stat") as stat:
            fields = stat.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def stop(self, how=signal.SIGTERM):
        if self._child.poll() is None:
            self._child.send_signal(how)
        try:
            self._child.wait(60)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait()


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def accepts(port):
    try:
        socket.create_connection(("127.0.0.1", port), 0.2).close()
        return True
    except OSError:
        return False
