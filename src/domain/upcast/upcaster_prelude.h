#pragma once

// The module of ours that stands between an upcaster's code and the server. It imports the domain's
// module as "./DOMAIN", which is replaced by the file's path.

namespace nexus::domain {

inline constexpr char kUpcasterPreludeFile[] = "nexus-upcaster.js";
inline constexpr char kUpcasterPlace[] = "DOMAIN";

inline constexpr char kUpcasterPrelude[] = R"js(
import * as domain from "./DOMAIN";

if (typeof domain.upcast !== "function") {
  throw new TypeError("the module exports no function upcast");
}
const { upcast } = domain;

export function run(event, toType) {
  const fromType = event.type;
  const answer = upcast(event);
  if (typeof answer !== "object" || answer === null) {
    throw new TypeError("upcast gives no event: an object with data is needed");
  }
  if (typeof answer.then === "function") {
    throw new TypeError("upcast returns a promise; it has to answer at once");
  }
  const { type, data } = answer;
  if (type !== undefined && type !== fromType && type !== toType) {
    throw new TypeError(`upcast gives an event of the type ${type}, not of ${toType}`);
  }
  if (data === undefined) throw new TypeError("upcast gives an event without data");
  return data;
}
)js";

}  // namespace nexus::domain
