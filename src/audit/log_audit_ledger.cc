#include "audit/log_audit_ledger.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "nexus/core/json_text.h"

namespace nexus::audit {
namespace {

constexpr size_t kTextBytesMax = 512;
constexpr size_t kTagBytesMax = 255;
constexpr size_t kItemsMax = 20;

LedgerStreamOptions OptionsOf(absl::Duration window, absl::string_view type_of_others) {
  LedgerStreamOptions options;
  options.book.window = window;
  options.book.type_of_others = std::string(type_of_others);
  return options;
}

// Members of a JSON object; what is empty is left out.
class Members {
 public:
  void Text(absl::string_view name, absl::string_view value) {
    if (value.empty()) return;
    Name(name);
    AppendJsonString(json_, value.substr(0, kTextBytesMax));
  }
  void Raw(absl::string_view name, absl::string_view value) {
    Name(name);
    json_.append(value.data(), value.size());
  }
  std::string Take() { return std::move(json_); }

 private:
  void Name(absl::string_view name) {
    absl::StrAppend(&json_, json_.empty() ? "\"" : ",\"", name, "\":");
  }

  std::string json_;
};

void AddClient(const ClientFacts& client, Members& out) {
  out.Text("principal", client.principal);
  out.Text("method", client.method);
  out.Text("peer", client.peer);
  out.Text("token_id", client.token_id);
}

std::string ListOf(const std::vector<std::string>& texts) {
  std::string json = "[";
  for (size_t i = 0; i < texts.size() && i < kItemsMax; ++i) {
    if (i > 0) json += ',';
    AppendJsonString(json, absl::string_view(texts[i]).substr(0, kTextBytesMax));
  }
  return json + "]";
}

std::string PlacesOf(const std::vector<DenialPlace>& places) {
  std::string json = "[";
  for (size_t i = 0; i < places.size() && i < kItemsMax; ++i) {
    Members place;
    place.Text("field", places[i].field);
    place.Text("pointer", places[i].pointer);
    place.Text("keyword", places[i].keyword);
    absl::StrAppend(&json, i > 0 ? "," : "", "{", place.Take(), "}");
  }
  return json + "]";
}

std::vector<std::string> TagsOf(std::vector<std::string> tags) {
  std::erase_if(tags, [](const std::string& tag) { return tag.size() > kTagBytesMax; });
  std::sort(tags.begin(), tags.end());
  return tags;
}

LedgerRow RowOf(const Denial& denial) {
  Members body;
  AddClient(denial.client, body);
  body.Text("operation", denial.operation);
  body.Text("stream", denial.stream);
  body.Text("type", denial.type);
  body.Text("reason", denial.reason);
  if (!denial.rules.empty()) body.Raw("rules", ListOf(denial.rules));
  if (!denial.places.empty()) body.Raw("places", PlacesOf(denial.places));
  body.Text("payload_digest", denial.payload_digest);
  body.Text("input_digest", denial.input_digest);
  body.Text("policy_revision", denial.policy_revision);
  body.Text("commit_id", denial.commit_id);
  LedgerRow row;
  row.type = std::string(kDenialType);
  row.body = body.Take();
  row.tags = TagsOf({absl::StrCat("principal:", denial.client.principal),
                     absl::StrCat("operation:", denial.operation),
                     absl::StrCat("reason:", denial.reason)});
  row.correlation_id = denial.correlation_id;
  return row;
}

LedgerRow RowOf(const AuditRecord& record) {
  Members body;
  AddClient(record.client, body);
  body.Text("action", record.action);
  body.Text("subject", record.subject);
  body.Text("outcome", record.outcome);
  if (!record.details.empty()) {
    Members details;
    for (const auto& [name, value] : record.details) details.Text(name, value);
    body.Raw("details", absl::StrCat("{", details.Take(), "}"));
  }
  LedgerRow row;
  row.type = record.type;
  row.body = body.Take();
  row.tags = TagsOf({absl::StrCat("principal:", record.client.principal)});
  row.correlation_id = record.correlation_id;
  return row;
}

// A client that connects again has another port.
absl::string_view HostOf(absl::string_view peer) {
  return peer.substr(0, 3) == "ipv" ? peer.substr(0, peer.rfind(':')) : peer;
}

}  // namespace

LogAuditLedger::LogAuditLedger(const LedgerStreamParts& parts, absl::Duration window)
    : denials_(StreamName::Literal(kDenialStream), parts, OptionsOf(window, kDenialType)),
      audit_(StreamName::Literal(kAuditStream), parts, OptionsOf(window, kAdminActionType)) {}

std::string LogAuditLedger::Deny(const DenialKey& key, absl::FunctionRef<Denial()> describe) {
  constexpr absl::string_view kBetween("\0", 1);
  const std::string kind =
      absl::StrJoin({key.operation, key.stream, key.type, key.reason, key.rules}, kBetween);
  return FormatUuid(denials_.Count(key.principal, kind, [&] { return RowOf(describe()); }));
}

void LogAuditLedger::Record(AuditRecord record) {
  if (record.outcome == "OK") {
    audit_.Add(record.client.principal, RowOf(record));
    return;
  }
  constexpr absl::string_view kBetween("\0", 1);
  const std::string kind =
      absl::StrJoin({absl::string_view(record.type), absl::string_view(record.action),
                     absl::string_view(record.subject), absl::string_view(record.outcome),
                     HostOf(record.client.peer)},
                    kBetween);
  audit_.Count(record.client.principal, kind, [&] { return RowOf(record); });
}

bool LogAuditLedger::Flush() {
  const bool denials = denials_.Flush();
  const bool audit = audit_.Flush();
  return denials && audit;
}

std::optional<std::string> LogAuditLedger::PendingDenial(absl::string_view decision_id) {
  const absl::StatusOr<UuidBytes> id = ParseUuid(decision_id);
  return id.ok() ? denials_.Pending(*id) : std::nullopt;
}

}  // namespace nexus::audit
