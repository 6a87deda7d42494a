#pragma once

// Which streams and event types a rule is about.

#include <string>
#include <vector>

namespace nexus::identity {

// A stream is meant if its category or a prefix of its name stands here, or if neither list has
// anything. Then its events of the types here are meant, or all of them. A type that ends in '*' is
// a prefix.
//
// Without categories and prefixes only the streams of clients are meant; the server's own ("$...")
// have to be named, unless the role says otherwise.
struct Selector {
  std::vector<std::string> categories = {};
  std::vector<std::string> stream_prefixes = {};
  std::vector<std::string> event_types = {};

  bool AnyStream() const { return categories.empty() && stream_prefixes.empty(); }
  bool empty() const { return AnyStream() && event_types.empty(); }

  friend bool operator==(const Selector&, const Selector&) = default;
};

}  // namespace nexus::identity
