#pragma once

// SHA-256 that can be asked on the way, and ids made of it.

#include <memory>
#include <string>

#include "absl/strings/string_view.h"
#include "nexus/core/ids.h"

namespace nexus::cli {

class Digest {
 public:
  Digest();
  ~Digest();
  Digest(const Digest& other);
  Digest& operator=(const Digest&) = delete;

  void Add(absl::string_view bytes);

  // Of everything added so far, 32 bytes. More may be added after.
  std::string Value() const;

 private:
  struct State;

  std::unique_ptr<State> state_;
};

// A UUID of version 8 (RFC 9562: of one's own making) from the first 16 bytes.
UuidBytes UuidOf(absl::string_view digest);

}  // namespace nexus::cli
