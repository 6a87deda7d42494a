#include "engine/schema_audit.h"

#include <algorithm>

#include "nexus/core/status_macros.h"

namespace nexus::engine {
namespace {

// What cannot even be read as the format, as violations.
std::vector<Violation> Unreadable(const absl::Status& why) {
  std::vector<Violation> violations = DetailsOf(why).violations;
  if (violations.empty()) violations.emplace_back();
  for (Violation& violation : violations) {
    if (violation.message.empty()) violation.message = std::string(why.message());
  }
  return violations;
}

}  // namespace

SchemaAudit::SchemaAudit(index::FilteredReader& reader, Position head, index::Selection selection,
                         SchemaOfEvent schema_of, const AuditOptions& options)
    : reader_(reader),
      selection_(std::move(selection)),
      options_(options),
      schema_of_(std::move(schema_of)),
      range_{Position(1), head} {
  progress_.head = head;
}

absl::Status SchemaAudit::Advance() {
  if (progress_.done) return absl::OkStatus();
  PageLimits limits = options_.page;
  const uint64_t left = options_.limit - progress_.events;
  if (options_.limit != 0) limits.events_max = std::min<uint64_t>(limits.events_max, left);
  NEXUS_ASSIGN_OR_RETURN(const index::FilteredPage page,
                         reader_.Page(selection_, range_, options_.direction, limits));
  for (const RecordedEvent& event : page.batch.events) Judge(event);
  PassTo(page.scanned_to);
  progress_.complete = page.batch.end;
  progress_.done = page.batch.end || (options_.limit != 0 && progress_.events >= options_.limit);
  return absl::OkStatus();
}

void SchemaAudit::Judge(const RecordedEvent& event) {
  ++progress_.events;
  const auto schema = schema_of_(event);
  if (!schema.ok()) return AddFailure(event, Unreadable(schema.status()));
  if (*schema == nullptr) {
    ++progress_.skipped;
    return;
  }
  std::vector<Violation> violations = ViolationsOf(**schema, event);
  if (!violations.empty()) return AddFailure(event, std::move(violations));
  ++progress_.valid;
}

std::vector<Violation> SchemaAudit::ViolationsOf(const CompiledSchema& schema,
                                                 const RecordedEvent& event) {
  absl::StatusOr<std::vector<Violation>> found =
      schema.Refusals(event.data, options_.rejects_undeclared, options_.violations_max);
  return found.ok() ? *std::move(found) : Unreadable(found.status());
}

void SchemaAudit::AddFailure(const RecordedEvent& event, std::vector<Violation> violations) {
  ++progress_.failed;
  if (progress_.failures.size() >= options_.failures_max) return;
  progress_.failures.push_back({std::string(event.stream), event.revision, event.position,
                                std::string(event.type), event.schema_version,
                                std::move(violations)});
}

void SchemaAudit::PassTo(Position scanned_to) {
  if (options_.direction == Direction::kForward) {
    range_.first = scanned_to.Next();
    progress_.scanned = scanned_to.value;
  } else {
    range_.last = Position(scanned_to.value - 1);
    progress_.scanned = progress_.head.value - range_.last.value;
  }
}

}  // namespace nexus::engine
