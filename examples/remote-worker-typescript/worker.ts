// A worker for nexusd: asks CommandService.Handle for tasks and has show.ts decide them.
//
// NEXUS_SERVER and NEXUS_TOKEN say where and as whom, NEXUS_PROTO where the folder proto is. SIGTERM
// and SIGINT drain: what was begun is answered, then the worker ends.

import * as grpc from "@grpc/grpc-js";
import { loadSync } from "@grpc/proto-loader";

import { decide, evolve, initial, Rejected, type State } from "./show";

const STATES_MAX = 10_000;
const TASKS_MAX = 16;

// Fields that are not set are missing: see the options of loadSync below.
interface Page {
  taskId: string;
  events: string[];
  moreEvents?: boolean;
}
interface Task extends Page {
  stream: string;
  command: string;
  context: string;
  stateRevision?: string;
}
interface HandleResponse {
  welcome?: { tasksMax: number; heartbeatInterval: { seconds?: string; nanos?: number } };
  task?: Task;
  taskEvents?: Page;
}
type Call = grpc.ClientDuplexStream<object, HandleResponse>;

// The ids that ctx.newId() gives to a script: sfc32, from four numbers of 32 bits.
function idMaker(seed: [number, number, number, number]): () => string {
  let [a, b, c, d] = seed;
  const word = () => {
    const out = (a + b + d) | 0;
    d = (d + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + out) | 0;
    return (out >>> 0).toString(16).padStart(8, "0");
  };
  for (let i = 0; i < 12; i++) word();
  return () => {
    const text = word() + word() + word() + word();
    const variant = "89ab"[parseInt(text.charAt(16), 16) & 3];
    return (
      `${text.slice(0, 8)}-${text.slice(8, 12)}-4${text.slice(13, 16)}-` +
      `${variant}${text.slice(17, 20)}-${text.slice(20)}`
    );
  };
}

// One connection. The states live as long as it does.
class Worker {
  welcomed = false;
  private readonly states = new Map<string, { revision: string | undefined; state: State }>();
  private readonly begun = new Map<string, { task: Task; state: State }>();
  private heartbeat: NodeJS.Timeout | undefined;

  constructor(private readonly call: Call) {
    call.write({
      hello: { aggregates: ["show"], tasksMax: TASKS_MAX, worker: `typescript-${process.pid}` },
    });
  }

  drain(): void {
    this.call.write({ drain: {} });
  }

  // Until the server ends the call.
  run(): Promise<grpc.StatusObject> {
    return new Promise((resolve) => {
      this.call.on("data", (message: HandleResponse) => this.take(message));
      this.call.on("error", () => undefined); // the status says it, too
      this.call.on("status", (status) => {
        clearInterval(this.heartbeat);
        resolve(status);
      });
    });
  }

  private take(message: HandleResponse): void {
    if (message.welcome !== undefined) {
      const { seconds = "0", nanos = 0 } = message.welcome.heartbeatInterval;
      const milliseconds = Number(seconds) * 1000 + nanos / 1e6;
      this.heartbeat = setInterval(() => this.call.write({ heartbeat: {} }), milliseconds);
      this.welcomed = true;
      console.log("ready:", message.welcome.tasksMax, "tasks at once");
    } else if (message.task !== undefined) {
      this.begin(message.task);
    } else if (message.taskEvents !== undefined) {
      // Unknown: the task was answered with needsEvents.
      const begun = this.begun.get(message.taskEvents.taskId);
      this.begun.delete(message.taskEvents.taskId);
      if (begun !== undefined) this.fold(begun.task, begun.state, message.taskEvents);
    }
  }

  private begin(task: Task): void {
    let state = initial;
    if (task.stateRevision !== undefined) {
      const kept = this.states.get(task.stream);
      if (kept?.revision !== task.stateRevision) {
        this.call.write({ answer: { taskId: task.taskId, needsEvents: {} } });
        return;
      }
      state = kept.state;
    }
    this.fold(task, state, task);
  }

  private fold(task: Task, before: State, page: Page): void {
    let state = before;
    let revision = task.stateRevision;
    for (const text of page.events) {
      const event = JSON.parse(text);
      state = evolve(state, event);
      revision = String(event.revision);
    }
    const now = { ...task, stateRevision: revision };
    if (page.moreEvents === true) {
      this.begun.set(task.taskId, { task: now, state });
      return;
    }
    this.keep(task.stream, revision, state);
    this.call.write({ answer: { taskId: task.taskId, keepsState: true, ...this.answer(task, state) } });
  }

  private keep(stream: string, revision: string | undefined, state: State): void {
    this.states.delete(stream);
    this.states.set(stream, { revision, state });
    const oldest = this.states.keys().next().value;
    if (this.states.size > STATES_MAX && oldest !== undefined) this.states.delete(oldest);
  }

  private answer(task: Task, state: State): object {
    try {
      const { seed, ...context } = JSON.parse(task.context);
      const events = decide(state, JSON.parse(task.command), {
        ...context,
        newId: idMaker(seed),
      });
      return {
        events: { events: events.map(({ type, data }) => ({ type, data: JSON.stringify(data) })) },
      };
    } catch (fault) {
      if (fault instanceof Rejected) {
        const { reason, details } = fault;
        return { rejection: { reason, details: JSON.stringify(details) } };
      }
      // The command fails, the worker goes on.
      return { failure: { message: String(fault) } };
    }
  }
}

async function main(): Promise<number> {
  const proto = process.env["NEXUS_PROTO"] ?? "proto";
  const definition = loadSync("nexus/v1/command.proto", {
    includeDirs: [proto],
    longs: String,
    arrays: true,
    oneofs: true,
  });
  const { CommandService } = (grpc.loadPackageDefinition(definition) as any).nexus.v1;
  const client = new CommandService(
    process.env["NEXUS_SERVER"] ?? "127.0.0.1:7070",
    grpc.credentials.createInsecure(),
  );
  const metadata = new grpc.Metadata();
  const token = process.env["NEXUS_TOKEN"] ?? "";
  if (token !== "") metadata.set("authorization", `Bearer ${token}`);

  let current: Worker | undefined;
  let draining = false;
  for (const name of ["SIGTERM", "SIGINT"] as const) {
    process.on(name, () => {
      draining = true;
      current?.drain();
    });
  }
  for (let pause = 100; !draining; ) {
    current = new Worker(client.Handle(metadata));
    const { code, details } = await current.run();
    if (code !== grpc.status.OK) {
      console.error(grpc.status[code], details);
      const final = [
        grpc.status.INVALID_ARGUMENT,
        grpc.status.PERMISSION_DENIED,
        grpc.status.UNAUTHENTICATED,
      ];
      if (final.includes(code)) return 1;
    }
    // What was not answered goes to others, or comes again.
    pause = current.welcomed ? 100 : Math.min(5_000, pause * 2);
    if (!draining) await new Promise((resolve) => setTimeout(resolve, pause));
  }
  console.log("drained");
  client.close();
  return 0;
}

main().then((code) => process.exit(code));
