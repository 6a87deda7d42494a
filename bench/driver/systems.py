"""The systems that are compared: how each is started, and which load drives it."""

import json
import os
import pathlib
import re
import shutil
import signal
import subprocess

from driver.processes import Failed, Process, accepts, free_port

UMADB = "umadb-0.7.8"
MESSAGE_DB = "message-db-1.3.1"


class Setting:
    """Where programs and folders are."""

    def __init__(self, binaries, tools, work):
        self.binaries = pathlib.Path(binaries)
        self.tools = pathlib.Path(tools)
        self.work = pathlib.Path(work)

    def program(self, name):
        path = self.binaries / name
        if not path.exists():
            raise Failed(f"no {path}: build with -DNEXUS_BENCH=ON")
        return path


def _flags(options):
    """{"clients": 4, "hot": True} as --clients=4 --hot."""
    words = []
    for name, value in options.items():
        if value is True:
            words.append(f"--{name}")
        elif value is not None and value is not False:
            words.append(f"--{name}={value}")
    return words


def _start_load(command):
    return subprocess.Popen([str(part) for part in command], stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, text=True)


def _load_result(load):
    out, err = load.communicate()
    if load.returncode != 0:
        raise Failed(err.strip() or f"the load ended with {load.returncode}")
    return json.loads(out)


class System:
    """One system. start() and stop() may be repeated on one folder."""

    name = ""
    measures = ()
    note = ""  # what a reader of its column must know

    def __init__(self, setting):
        self.setting = setting
        self.folder = None
        self.server = None
        self.started_in = 0.0
        self.load_program = None  # instead of the one beside the server

    def prepare(self, folder):
        """Makes what a fresh server needs in an empty folder."""
        self.folder = folder

    def start(self):
        """Comes back when the server answers; started_in is how long that took."""

    def stop(self):
        if self.server:
            self.server.stop()
            self.server = None

    def begin(self, measure, **options):
        """Starts a load; its result comes from Load.result()."""
        raise NotImplementedError

    def load(self, measure, **options):
        return _load_result(self.begin(measure, **options))

    @staticmethod
    def result(load):
        return _load_result(load)

    def resident_mib(self):
        return self.server.resident_mib() if self.server else 0.0


class GrpcSystem(System):
    dialect = "nexus"
    target = ""
    conditions = ("none", "revision", "tag")

    def begin(self, measure, **options):
        load = self.load_program or self.setting.program("grpc_load")
        return _start_load([load, f"--system={self.dialect}",
                            f"--target={self.target}", f"--measure={measure}", *_flags(options)])


class Nexus(GrpcSystem):
    """Governance off: no schema is asked for, no policy decides, nothing is routed."""

    name = "nexus"
    measures = ("append", "stream", "condition", "hot", "read", "scan", "subscribe", "latency",
                "growth")
    governed = False
    routed = False

    def prepare(self, folder):
        super().prepare(folder)
        program = self.setting.program("nexusd")
        self.options = []
        if not self.routed:
            self.options += ["--set", "route.enabled=false"]
        if not self.governed:
            self.options += ["--set", "schema.optional_categories=bench"]
            reference = subprocess.run([program, "--print-config-reference"], text=True,
                                       capture_output=True, check=True).stdout
            if "`policy.engine`" in reference:
                self.options += ["--set", "policy.engine=none"]
            else:
                Nexus.note = "this nexusd cannot turn the policy off: OPA was asked for each commit"

    def start(self):
        data = self.folder / "data"
        path = f"{self.setting.tools}/bin:{os.environ['PATH']}"
        self.server = Process(
            [self.setting.program("nexusd"), "--data", data, "--grpc", "127.0.0.1:0",
             "--http", "127.0.0.1:0", *self.options], self.folder / "nexusd.log", {"PATH": path})
        self.started_in, _ = self.server.wait_for(
            "nexusd", lambda: '"message":"ready"' in self.server.output(), 600)
        endpoints = json.loads((data / "endpoints.json").read_text())
        self.target = endpoints["grpc"]
        if self.governed:
            self.load("schema")


class GovernedNexus(Nexus):
    """Schema and policy decide each commit."""

    name = "nexus-governed"
    governed = True


class IdentifiedNexus(GovernedNexus):
    """Full governance: who calls is known and may write this category only, besides."""

    name = "nexus-identified"

    def prepare(self, folder):
        super().prepare(folder)
        self.options += ["--set", "access.mode=enforced"]
        self.token = None

    def start(self):
        super().start()
        admin = self.folder / "data/admin.token"
        token = self.folder / "writer.token"
        if not token.exists():
            subprocess.run([self.setting.program("nexusctl"), "--server", self.target,
                            "--token-file", admin, "token", "create", "load", "--role", "writer",
                            "--category", "bench", "--out", token, "-q"], check=True,
                           capture_output=True)
        self.token = token

    def begin(self, measure, **options):
        admin = self.folder / "data/admin.token"
        return super().begin(measure, **options, **{"token-file": self.token or admin})


class SidecarNexus(GovernedNexus):
    """The policy is decided by OPA beside the server."""

    name = "nexus-sidecar"

    def prepare(self, folder):
        super().prepare(folder)
        self.options += ["--set", "policy.engine=opa"]


class RoutedNexus(GovernedNexus):
    """As installed: each event is delivered to the file sink too."""

    name = "nexus-routed"
    routed = True


class UnmatchedNexus(RoutedNexus):
    """One route, which matches no event of the load."""

    name = "nexus-unmatched"
    ROUTE = {"name": "others", "match": {"categories": ["others"]}, "sink": {"kind": "jsonl"}}

    def start(self):
        super().start()
        route = self.folder / "route.json"
        route.write_text(json.dumps(self.ROUTE))
        for command in (["apply", route], ["rm", "critical"], ["rm", "standard"]):
            subprocess.run([self.setting.program("nexusctl"), "--server", self.target, "route",
                            *command], check=True, capture_output=True)


class UmaDb(GrpcSystem):
    name = "umadb"
    dialect = "umadb"
    conditions = ("none", "tag")
    measures = ("append", "condition", "hot", "read", "scan", "subscribe", "latency", "growth")

    def start(self):
        port = free_port()
        self.target = f"127.0.0.1:{port}"
        package = self.setting.tools / UMADB
        if not package.exists():
            raise Failed(f"no {package}: scripts/install bench")
        database = self.folder / "database"
        database.mkdir(exist_ok=True)
        script = "import sys, umadb; umadb.run_server_from_args(['umadb'] + sys.argv[1:])"
        self.server = Process(
            ["python3", "-c", script, "--listen", self.target, "--db-path", database],
            self.folder / "umadb.log", {"PYTHONPATH": str(package)})
        self.started_in, _ = self.server.wait_for("umadb", lambda: accepts(port))

    def stop(self):
        if self.server:
            self.server.stop(signal.SIGINT)
            self.server = None


class Echo(GrpcSystem):
    """The same messages on gRPC's callback API, nothing stored."""

    name = "echo"
    measures = ("append", "stream")
    options = ()

    def start(self):
        self.server = Process([self.setting.program("nexus_echo"), "127.0.0.1:0", *self.options],
                              self.folder / "echo.log")
        self.started_in, found = self.server.wait_for(
            "echo", lambda: re.search(r"127\.0\.0\.1:\d+", self.server.output()))
        self.target = found.group()


class QueueEcho(Echo):
    """The same on one completion queue with one thread."""

    name = "echo-queue"
    measures = ("append",)
    options = ("--queues", "1")


class MessageDb(System):
    """message-db on PostgreSQL, over libpq."""

    name = "message-db"
    conditions = ("none", "revision")
    measures = ("append", "condition", "hot", "read", "scan")

    def _program(self, name):
        for folder in (os.environ.get("PG_BIN", ""), "/usr/lib/postgresql/15/bin"):
            if folder and os.access(f"{folder}/{name}", os.X_OK):
                return f"{folder}/{name}"
        raise Failed(f"no {name} of PostgreSQL 15: scripts/install bench")

    @property
    def _user(self):
        return "postgres" if os.geteuid() == 0 else None

    def prepare(self, folder):
        super().prepare(folder)
        template = self.setting.work / "message-db-template"
        if not template.exists():
            self._make_template(template)
        if self._user:
            shutil.chown(folder, self._user)
        subprocess.run(["cp", "-a", template, folder / "data"], check=True)

    def _make_template(self, template):
        scripts = self.setting.tools / MESSAGE_DB / "database"
        if not scripts.exists():
            raise Failed(f"no {scripts}: scripts/install bench")
        making = template.with_suffix(".new")
        shutil.rmtree(making, ignore_errors=True)
        making.mkdir(parents=True)
        identity = {}
        if self._user:
            shutil.chown(making, self._user, self._user)
            identity = {"user": self._user, "group": self._user, "extra_groups": []}
        subprocess.run([self._program("initdb"), "-D", making, "-U", "bench", "--auth=trust",
                        "--no-sync", "-E", "UTF8", "--locale=C"], check=True,
                       capture_output=True, cwd="/", **identity)
        server, port = self._serve(making, making.parent / "template.log")
        path = f"{pathlib.Path(self._program('initdb')).parent}:{os.environ['PATH']}"
        env = {**os.environ, "PATH": path, "PGHOST": "127.0.0.1", "PGPORT": str(port),
               "PGUSER": "bench"}
        try:
            subprocess.run(["bash", scripts / "install.sh"], check=True, capture_output=True,
                           env=env)
        finally:
            server.stop(signal.SIGINT)
        making.rename(template)

    def _serve(self, data, log):
        port = free_port()
        settings = {"listen_addresses": "127.0.0.1", "port": port, "unix_socket_directories": "",
                    "synchronous_commit": "on", "fsync": "on", "max_connections": 300,
                    "shared_buffers": "256MB"}
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        server = Process([self._program("postgres"), "-D", data, *options], log, user=self._user)
        self.started_in, _ = server.wait_for(
            "PostgreSQL", lambda: "ready to accept connections" in server.output())
        return server, port

    def start(self):
        self.server, port = self._serve(self.folder / "data", self.folder / "postgres.log")
        self._target = f"host=127.0.0.1 port={port} user=bench dbname=message_store"

    def stop(self):
        if self.server:
            self.server.stop(signal.SIGINT)  # PostgreSQL's fast shutdown
            self.server = None

    def begin(self, measure, **options):
        return _start_load([self.setting.program("message_db_load"), f"--target={self._target}",
                            f"--measure={measure}", *_flags(options)])


class RawRocks(System):
    """Synced batches, no server."""

    name = "rocksdb-1"
    measures = ("raw",)
    writers = 1

    def begin(self, measure, **options):
        return _start_load([self.setting.program("rocks_load"), f"--folder={self.folder}/rocks",
                            *_flags({**options, "clients": self.writers})])


class SharedRocks(RawRocks):
    """Three writers, whose batches RocksDB syncs together."""

    name = "rocksdb-3"
    writers = 3


ALL = {kind.name: kind for kind in (Nexus, GovernedNexus, IdentifiedNexus, SidecarNexus,
                                    RoutedNexus, UnmatchedNexus, UmaDb, MessageDb, RawRocks,
                                    SharedRocks, Echo, QueueEcho)}
USUAL = ("nexus", "nexus-governed", "umadb", "message-db", "rocksdb-1", "rocksdb-3", "echo",
         "echo-queue")
