#pragma once

// The loops that drive a server, each on one thread of its own with one completion queue.

#include <atomic>
#include <memory>
#include <string>

#include "load/dialect.h"
#include "load/load_options.h"
#include "load/load_report.h"

namespace nexus::bench {

// Unary appends. `stamped`: the data of every event tells when its request was to start.
LoadReport RunAppends(const LoadOptions& options, const Dialect& dialect, bool stamped = false);

// Pipelined appends on `clients` streaming calls. Dies if the system has none.
LoadReport RunStreamedAppends(const LoadOptions& options, const Dialect& dialect);

// `clients` readers, each reads one random stream after the other to its end. Latency: of a stream.
LoadReport RunStreamReads(const LoadOptions& options, const Dialect& dialect);

// One reader, `passes` times the whole log. Latency: of a pass.
LoadReport RunScan(const LoadOptions& options, const Dialect& dialect);

// Appends at a rate while `subscribers` get everything. The report is that of the appends; `more`
// tells the time from the planned start of a request to the arrival of its event.
LoadReport RunSubscribers(const LoadOptions& options, const Dialect& dialect);

// Unary appends with a deadline (`timeout`), in `phases`. A list in JSON, one entry a phase, with
// what was stored in time for each tenth of a second.
std::string RunOverload(const LoadOptions& options, const Dialect& dialect);

// The data of an event, `bytes` long; where `stamp` is not 0 it can be found again by FindStamp().
std::string MakeData(int bytes, int64_t stamp = 0);
// The first stamp in the bytes of a message; 0 if there is none.
int64_t FindStamp(absl::string_view message);

}  // namespace nexus::bench
