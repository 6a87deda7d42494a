"""A worker for nexusd: asks CommandService.Handle for tasks and has show.py decide them.

NEXUS_SERVER and NEXUS_TOKEN say where and as whom. SIGTERM and SIGINT drain: what was begun is
answered, then the worker ends.
"""

import collections
import json
import os
import queue
import signal
import sys
import threading
import time

import grpc
from nexus.v1 import command_pb2, command_pb2_grpc

sys.dont_write_bytecode = True  # no __pycache__ beside the example
import show  # noqa: E402

STATES_MAX = 10_000
TASKS_MAX = 16


def as_json(value):
    return json.dumps(value, separators=(",", ":"))


def id_maker(seed):
    """The ids that ctx.newId() gives to a script: sfc32, from four numbers of 32 bits."""
    mask = 0xFFFFFFFF
    a, b, c, d = seed

    def word():
        nonlocal a, b, c, d
        out = (a + b + d) & mask
        d = (d + 1) & mask
        a = b ^ (b >> 9)
        b = (c + (c << 3)) & mask
        c = (((c << 21) | (c >> 11)) + out) & mask
        return out

    for _ in range(12):
        word()

    def new_id():
        text = "".join(f"{word():08x}" for _ in range(4))
        variant = "89ab"[int(text[16], 16) & 3]
        return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-{variant}{text[17:20]}-{text[20:]}"

    return new_id


class Worker:
    """One connection. The states live as long as it does."""

    def __init__(self, stub):
        self._stub = stub
        self._out = queue.SimpleQueue()
        self._states = collections.OrderedDict()  # of streams, the one used last at the end
        self._begun = {}  # tasks whose events are still coming, by id
        self.welcomed = False

    def drain(self):
        self._send(drain=command_pb2.HandlerDrain())

    def run(self, metadata):
        """Until the server ends the call: well after drain(), else with grpc.RpcError."""
        self._send(hello=command_pb2.HandlerHello(
            aggregates=["show"], tasks_max=TASKS_MAX, worker=f"python-{os.getpid()}"))
        over = threading.Event()
        try:
            for message in self._stub.Handle(iter(self._out.get, None), metadata=metadata):
                kind = message.WhichOneof("message")
                if kind == "welcome":
                    self._welcome(message.welcome, over)
                elif kind == "task":
                    self._begin(message.task)
                elif kind == "task_events":
                    self._go_on(message.task_events)
        finally:
            over.set()
            self._out.put(None)

    def _send(self, **message):
        self._out.put(command_pb2.HandleRequest(**message))

    def _welcome(self, welcome, over):
        self.welcomed = True
        interval = welcome.heartbeat_interval.ToTimedelta().total_seconds()

        def beat():
            while not over.wait(interval):
                self._send(heartbeat=command_pb2.HandlerHeartbeat())

        threading.Thread(target=beat, daemon=True).start()
        print("ready:", welcome.tasks_max, "tasks at once", flush=True)

    def _begin(self, task):
        state = show.INITIAL
        if task.HasField("state_revision"):
            revision, state = self._states.get(task.stream, (None, None))
            if revision != task.state_revision:
                self._answer(task.task_id, needs_events=command_pb2.HandlerNeedsEvents())
                return
        self._fold(task, state, task)

    def _go_on(self, page):
        # Unknown: the task was answered with needs_events.
        if page.task_id in self._begun:
            task, state = self._begun.pop(page.task_id)
            self._fold(task, state, page)

    def _fold(self, task, state, page):
        revision = task.state_revision if task.HasField("state_revision") else None
        if page.events:
            revision = json.loads(page.events[-1])["revision"]
        for text in page.events:
            state = show.evolve(state, json.loads(text))
        if page.more_events:
            self._begun[task.task_id] = (task, state)
            return
        self._keep(task.stream, revision, state)
        self._decide(task, state)

    def _keep(self, stream, revision, state):
        self._states[stream] = (revision, state)
        self._states.move_to_end(stream)
        if len(self._states) > STATES_MAX:
            self._states.popitem(last=False)

    def _decide(self, task, state):
        context = json.loads(task.context)
        try:
            events = show.decide(state, json.loads(task.command), context,
                                 id_maker(context["seed"]))
        except show.Rejected as no:
            self._answer(task.task_id, rejection=command_pb2.HandlerRejection(
                reason=no.reason, details=as_json(no.details)))
        except Exception as fault:  # the command fails, the worker goes on
            self._answer(task.task_id, failure=command_pb2.HandlerFailure(message=repr(fault)))
        else:
            self._answer(task.task_id, events=command_pb2.HandlerEvents(events=[
                command_pb2.HandlerEvent(type=name, data=as_json(data))
                for name, data in events]))

    def _answer(self, task_id, **decision):
        self._send(answer=command_pb2.TaskAnswer(
            task_id=task_id, keeps_state="needs_events" not in decision, **decision))


def main():
    channel = grpc.insecure_channel(os.environ.get("NEXUS_SERVER", "127.0.0.1:7070"))
    token = os.environ.get("NEXUS_TOKEN", "")
    metadata = [("authorization", f"Bearer {token}")] if token else []
    stub = command_pb2_grpc.CommandServiceStub(channel)
    current = None
    draining = False

    def stop(_signal, _frame):
        nonlocal draining
        draining = True
        if current is not None:
            current.drain()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    pause = 0.1
    while not draining:
        current = Worker(stub)
        try:
            current.run(metadata)
        except grpc.RpcError as fault:
            print(fault.code().name, fault.details(), file=sys.stderr, flush=True)
            if fault.code() in (grpc.StatusCode.INVALID_ARGUMENT,
                                grpc.StatusCode.PERMISSION_DENIED,
                                grpc.StatusCode.UNAUTHENTICATED):
                return 1
        # What was not answered goes to others, or comes again.
        pause = 0.1 if current.welcomed else min(5.0, pause * 2)
        if not draining:
            time.sleep(pause)
    print("drained", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
