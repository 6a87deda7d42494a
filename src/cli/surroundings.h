#pragma once

// What nexusctl touches of the machine, so that tests can run it in memory.

#include <functional>
#include <istream>
#include <ostream>
#include <string>

#include "cli/stop_signal.h"
#include "nexus/core/clock.h"
#include "nexus/core/id_source.h"

namespace nexus::cli {

struct Surroundings {
  std::istream& in;
  std::ostream& out;  // data only
  std::ostream& err;  // everything else
  bool out_is_terminal = false;
  bool err_is_terminal = false;
  std::function<std::string(const std::string&)> environment;  // empty: not set
  Clock& clock;
  IdSource& ids;
  StopSignal& stop;
};

}  // namespace nexus::cli
