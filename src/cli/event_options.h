#pragma once

// An event on the command line: what `append` and `policy check` have in common.

#include <cstdint>
#include <istream>
#include <string>
#include <utility>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/status/statusor.h"
#include "nexus/client/draft.h"

namespace nexus::cli {

struct EventOptions {
  std::string stream;
  std::string type;
  std::string data;  // JSON, "@file" or "-"
  std::string expect = "any";
  std::string id;
  std::string commit_id;
  std::string content_type;
  uint32_t schema_version = 0;
  std::vector<std::string> tags;
  std::vector<std::string> metadata;  // "key=value"
  std::string criticality;
  double business_impact = 0;
  bool requires_ordering = false;
  uint32_t max_latency_ms = 0;
  std::string correlation_id;
  std::string causation_id;
};

void AddEventOptions(CLI::App& command, EventOptions& options);

// Reads the data from where it is. Usage errors name the option.
absl::StatusOr<client::CommitDraft> ToDraft(const EventOptions& options, std::istream& in);

// What --data names: the text itself, "@FILE", or "-" for `in`.
absl::StatusOr<std::string> ReadData(const std::string& data, std::istream& in);
// Of "KEY=VALUE".
absl::StatusOr<std::vector<std::pair<std::string, std::string>>> ParseMetadata(
    const std::vector<std::string>& pairs);

// "any", "no-stream", "exists" or a revision.
absl::StatusOr<ExpectedRevision> ParseExpected(const std::string& text);
// "low", "medium", "high", or empty.
absl::StatusOr<Criticality> ParseCriticality(const std::string& text);

}  // namespace nexus::cli
