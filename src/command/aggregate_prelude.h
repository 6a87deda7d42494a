#pragma once

// The module of ours that stands between an aggregate's code and the server. It imports the
// domain's module as "./DOMAIN", which is replaced by the file's path.

namespace nexus::command {

inline constexpr char kPreludeFile[] = "nexus-aggregate.js";
inline constexpr char kDomainPlace[] = "DOMAIN";

inline constexpr char kPrelude[] = R"js(
import * as domain from "./DOMAIN";

const { freeze, isFrozen, keys } = Object;
const { isArray } = Array;

// Deep, and done where it meets what is frozen already: of a state that shares its parts with the
// one before, only what is new is walked.
function settle(value) {
  if (typeof value !== "object" || value === null || isFrozen(value)) return value;
  freeze(value);
  if (isArray(value)) {
    for (let i = 0; i < value.length; i++) settle(value[i]);
  } else {
    const names = keys(value);
    for (let i = 0; i < names.length; i++) settle(value[names[i]]);
  }
  return value;
}

for (const name of ["evolve", "decide"]) {
  if (typeof domain[name] === "function") continue;
  throw new TypeError(`the module exports no function ${name}`);
}
const { evolve, decide: decideOf } = domain;
const initial = typeof domain.initial === "function" ? domain.initial() : domain.initial;
const first = settle(initial === undefined ? null : initial);

export function begin() {
  return first;
}

export function restore(state) {
  return settle(state);
}

export function fold(state, events) {
  for (let i = 0; i < events.length; i++) {
    const next = evolve(state, events[i]);
    if (next === undefined) throw new TypeError(`evolve returns nothing for ${events[i].type}`);
    state = settle(next);
  }
  return state;
}

class Rejection {
  constructor(reason, details) {
    if (typeof reason !== "string" || reason === "") {
      throw new TypeError("reject(reason, details): the reason is a text");
    }
    this.reason = reason;
    this.details = details === undefined ? null : details;
    freeze(this);
  }
}

// sfc32 (Chris Doty-Humphrey's small fast counting generator), seeded by a digest of the command.
function idMaker(seed) {
  let [a, b, c, d] = seed;
  const next = () => {
    const t = (a + b + d) | 0;
    d = (d + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + t | 0;
    return t >>> 0;
  };
  for (let i = 0; i < 12; i++) next();
  const hex = (number) => number.toString(16).padStart(8, "0");
  return () => {
    const text = hex(next()) + hex(next()) + hex(next()) + hex(next());
    return text.slice(0, 8) + "-" + text.slice(8, 12) + "-4" + text.slice(13, 16) + "-" +
      "89ab"[parseInt(text[16], 16) & 3] + text.slice(17, 20) + "-" + text.slice(20);
  };
}

const known = new Set(["type", "data", "metadata", "tags", "routing"]);

function flatten(answer) {
  if (answer instanceof Rejection) return ["reject", answer.reason, answer.details];
  if (answer === undefined || answer === null) return ["events"];
  const out = ["events"];
  const events = isArray(answer) ? answer : [answer];
  for (let i = 0; i < events.length; i++) {
    const event = events[i];
    if (event instanceof Rejection) throw new TypeError("a rejection stands among events");
    if (typeof event !== "object" || event === null || typeof event.type !== "string") {
      throw new TypeError(`event ${i} of the decision has no type`);
    }
    let extra = null;
    const names = keys(event);
    for (let k = 0; k < names.length; k++) {
      const name = names[k];
      if (name === "type" || name === "data") continue;
      if (!known.has(name)) throw new TypeError(`event ${i} of the decision has a member ${name}`);
      if (event[name] === undefined) continue;
      if (extra === null) extra = {};
      extra[name] = event[name];
    }
    out.push(event.type, event.data === undefined ? {} : event.data, extra);
  }
  return out;
}

export function decide(state, command, context) {
  const { seed, ...rest } = context;
  const reject = (reason, details) => new Rejection(reason, details);
  const answer = decideOf(state, command, freeze({ ...rest, newId: idMaker(seed), reject }));
  if (answer !== null && typeof answer === "object" && typeof answer.then === "function") {
    throw new TypeError("decide returns a promise; it has to decide at once");
  }
  return flatten(answer);
}
)js";

}  // namespace nexus::command
