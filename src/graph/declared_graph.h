#pragma once

// The service graph as its owners declare it. Where each part stands is kept for findings.

#include <cstdint>
#include <string>
#include <vector>

namespace nexus::graph {

struct SourcePlace {
  std::string file;
  uint64_t line = 0;  // from 1; 0: the file as a whole
};

// An event type that a service publishes or consumes.
struct DeclaredUse {
  std::string type;
  std::string category;  // empty: any
  SourcePlace place;
};

// A call past the log.
struct DeclaredCall {
  std::string peer;     // empty: the declaration does not say whom
  std::string because;  // why it is tolerated; empty: it is not
  std::string what;     // "calls billing", "waits for a reply to OrderPlaced"
  SourcePlace place;
};

struct DeclaredService {
  std::string name;
  std::vector<std::string> principals;  // that write for it; empty: the one of its name
  std::vector<DeclaredUse> publishes;
  std::vector<DeclaredUse> consumes;
  std::vector<DeclaredCall> calls;
  SourcePlace place;
};

struct DeclaredGraph {
  std::vector<DeclaredService> services;  // by name; each once
};

// A declaration that cannot be understood.
struct DeclarationFault {
  SourcePlace place;
  std::string message;
};

}  // namespace nexus::graph
