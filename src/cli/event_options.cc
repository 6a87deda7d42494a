#include "cli/event_options.h"

#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "cli/exit_code.h"
#include "cli/files.h"
#include "nexus/core/status_macros.h"

namespace nexus::cli {

absl::StatusOr<std::string> ReadData(const std::string& data, std::istream& in) {
  if (data == "-") return ReadSource(data, in);
  if (!data.empty() && data[0] == '@') return ReadFile(data.substr(1));
  return data;
}

absl::StatusOr<std::vector<std::pair<std::string, std::string>>> ParseMetadata(
    const std::vector<std::string>& pairs) {
  std::vector<std::pair<std::string, std::string>> metadata;
  for (const std::string& pair : pairs) {
    const size_t equals = pair.find('=');
    if (equals == std::string::npos || equals == 0) {
      return UsageError(absl::StrCat("--meta wants KEY=VALUE, not \"", pair, "\""));
    }
    metadata.emplace_back(pair.substr(0, equals), pair.substr(equals + 1));
  }
  return metadata;
}

void AddEventOptions(CLI::App& command, EventOptions& options) {
  command.add_option("STREAM", options.stream, "Stream name")->required();
  command.add_option("TYPE", options.type, "Event type")->required();
  command.add_option("--data", options.data, "JSON, @FILE, or - for standard input")
      ->required()
      ->type_name("DATA");
  command.add_option("--expect", options.expect, "any, no-stream, exists, or a revision")
      ->type_name("REVISION");
  command.add_option("--id", options.id, "Event id")->type_name("UUID");
  command.add_option("--commit-id", options.commit_id, "Makes a repetition safe")
      ->type_name("UUID");
  command.add_option("--content-type", options.content_type, "Default application/json")
      ->type_name("TYPE");
  command.add_option("--schema-version", options.schema_version, "Default the latest")
      ->type_name("N");
  command.add_option("--tag", options.tags, "May be repeated")
      ->allow_extra_args(false)
      ->type_name("TAG");
  command.add_option("--meta", options.metadata, "May be repeated")
      ->allow_extra_args(false)
      ->type_name("KEY=VALUE");
  command.add_option("--criticality", options.criticality, "low, medium or high")
      ->type_name("LEVEL");
  command.add_option("--business-impact", options.business_impact, "0 to 1")->type_name("X");
  command.add_flag("--requires-ordering", options.requires_ordering,
                   "Consumers need the order of the stream");
  command.add_option("--max-latency-ms", options.max_latency_ms, "From append to delivery")
      ->type_name("N");
  command.add_option("--correlation-id", options.correlation_id, "Business process")
      ->type_name("ID");
  command.add_option("--causation-id", options.causation_id, "What caused it")->type_name("ID");
}

absl::StatusOr<client::CommitDraft> ToDraft(const EventOptions& options, std::istream& in) {
  client::EventDraft event;
  event.event_id = options.id;
  event.type = options.type;
  event.schema_version = options.schema_version;
  event.content_type = options.content_type;
  NEXUS_ASSIGN_OR_RETURN(event.data, ReadData(options.data, in));
  event.tags = options.tags;
  NEXUS_ASSIGN_OR_RETURN(event.metadata, ParseMetadata(options.metadata));
  NEXUS_ASSIGN_OR_RETURN(event.routing.criticality, ParseCriticality(options.criticality));
  event.routing.business_impact = options.business_impact;
  event.routing.requires_ordering = options.requires_ordering;
  event.routing.max_latency_ms = options.max_latency_ms;
  event.correlation_id = options.correlation_id;
  event.causation_id = options.causation_id;

  client::CommitDraft draft;
  draft.commit_id = options.commit_id;
  client::StreamDraft& stream = draft.streams.emplace_back();
  stream.stream = options.stream;
  NEXUS_ASSIGN_OR_RETURN(stream.expected, ParseExpected(options.expect));
  stream.events.push_back(std::move(event));
  return draft;
}

absl::StatusOr<ExpectedRevision> ParseExpected(const std::string& text) {
  uint64_t revision = 0;
  if (text == "any") return ExpectedRevision::Any();
  if (text == "no-stream") return ExpectedRevision::NoStream();
  if (text == "exists") return ExpectedRevision::StreamExists();
  if (absl::SimpleAtoi(text, &revision)) return ExpectedRevision::Exactly(revision);
  return UsageError(
      absl::StrCat("--expect is any, no-stream, exists or a revision, not \"", text, "\""));
}

absl::StatusOr<Criticality> ParseCriticality(const std::string& text) {
  if (text.empty()) return Criticality::kUnspecified;
  if (text == "low") return Criticality::kLow;
  if (text == "medium") return Criticality::kMedium;
  if (text == "high") return Criticality::kHigh;
  return UsageError(absl::StrCat("criticality is low, medium or high, not \"", text, "\""));
}

}  // namespace nexus::cli
