#pragma once

// Declared steps between versions of an event type. Where there is one, it takes the place of the
// derived step: what a rename or a new unit needs, no difference of schemas can say.

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace nexus {

// Thread-safe.
class Upcaster {
 public:
  virtual ~Upcaster() = default;

  // Data of version `to`, made of data of version `from`; nothing if no step is declared between
  // them. An error is what the step said or did.
  virtual absl::StatusOr<std::optional<std::string>> Upcast(absl::string_view type, uint32_t from,
                                                            uint32_t to,
                                                            absl::string_view data) = 0;
};

}  // namespace nexus
