#pragma once

#include <ostream>
#include <string>
#include <vector>

namespace nexus::tidy {

// Something that breaks a rule of the house, where an editor can jump to it.
struct Finding {
  std::string file;  // from the root of the repository
  int line = 0;      // from 1; 0: the file as a whole
  std::string message;

  friend bool operator==(const Finding&, const Finding&) = default;
  friend std::ostream& operator<<(std::ostream& out, const Finding& finding) {
    return out << finding.file << ':' << finding.line << ": " << finding.message;
  }
};

using Findings = std::vector<Finding>;

inline void Append(Findings& to, const Findings& more) {
  to.insert(to.end(), more.begin(), more.end());
}

}  // namespace nexus::tidy
