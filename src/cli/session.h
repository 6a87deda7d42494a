#pragma once

// One run of nexusctl: what it was told, and its connection.

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "cli/exit_code.h"
#include "cli/globals.h"
#include "cli/surroundings.h"
#include "nexus/client/client.h"

namespace nexus::cli {

class Session;

// What a command does. A command that did only part of its work says kPartial.
using Action = std::function<absl::StatusOr<ExitCode>(Session&)>;

// Where a command's declaration leaves its action for when the command line names it.
struct Chosen {
  Action action;
  bool needs_server = true;  // false: works whatever the contexts file says
};

class Session {
 public:
  Session(Surroundings& surroundings, Settings settings)
      : surroundings_(surroundings), settings_(std::move(settings)) {}

  const Settings& settings() const { return settings_; }
  OutputStyle style() const { return settings_.out; }
  std::istream& in() { return surroundings_.in; }
  std::ostream& out() { return surroundings_.out; }
  std::ostream& err() { return surroundings_.err; }
  Clock& clock() { return surroundings_.clock; }
  IdSource& ids() { return surroundings_.ids; }
  StopSignal& stop() { return surroundings_.stop; }
  const Surroundings& surroundings() const { return surroundings_; }

  // Connects at the first call. A stop request cancels its calls.
  absl::StatusOr<client::Client*> Connect();

  // A remark for people, unless -q.
  void Note(const std::string& text);

 private:
  Surroundings& surroundings_;
  const Settings settings_;
  std::unique_ptr<client::Client> client_;
  std::unique_ptr<StopSignal::Watch> watch_;  // after client_: ends first
};

}  // namespace nexus::cli
