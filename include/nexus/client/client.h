#pragma once

// A connection to nexusd.
//
//   auto client = client::Client::Connect({.server = "127.0.0.1:7070"}, clock, ids);
//   auto receipt = (*client)->Append({.streams = {{.stream = "order-1", .events = {placed}}}});
//
// Every error carries a reason and details: see nexus/core/errors.h (DetailsOf, ReasonOf). A server
// that cannot be reached is NOT_READY; an append that may or may not be stored is OUTCOME_UNKNOWN.
//
// Thread-safe. `clock` and `ids` must outlive it. Calls block the calling thread.

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "nexus/client/access.h"
#include "nexus/client/audit.h"
#include "nexus/client/draft.h"
#include "nexus/client/event_stream.h"
#include "nexus/client/schema.h"
#include "nexus/client/server_status.h"
#include "nexus/client/tls.h"
#include "nexus/core/clock.h"
#include "nexus/core/commit.h"
#include "nexus/core/id_source.h"
#include "nexus/core/service_graph.h"
#include "nexus/port/event_reader.h"

namespace nexus::client {

struct ClientOptions {
  std::string server = "127.0.0.1:7070";       // anything gRPC can resolve; "nexus://" is dropped
  std::optional<ClientTls> tls{};              // nothing: the connection is not encrypted
  std::string token{};                         // sent as a bearer token; empty: anonymous
  absl::Duration timeout = absl::Seconds(10);  // of a call, retries included; not of subscriptions
  int append_attempts_max = 5;
  absl::Duration backoff_initial = absl::Milliseconds(50);
  absl::Duration backoff_max = absl::Seconds(2);
};

class Client {
 public:
  // Does not wait for the server. MALFORMED_REQUEST for an empty address, a token that no header
  // can carry, or a certificate without its key.
  static absl::StatusOr<std::unique_ptr<Client>> Connect(ClientOptions options, Clock& clock,
                                                         IdSource& ids);
  ~Client();

  // Stores one commit, all or nothing. Asks again, with the same id, while the answer is
  // kUnavailable and time and attempts are left.
  absl::StatusOr<CommitReceipt> Append(CommitDraft draft);

  std::unique_ptr<EventStream> Read(const ReadOptions& options);
  std::unique_ptr<Subscription> Subscribe(const SubscribeOptions& options);

  absl::StatusOr<StreamInfo> GetStream(const std::string& stream);
  // One page; `query.limit` 0 is the server's default.
  absl::StatusOr<StreamPage> ListStreams(const StreamQuery& query, std::string& page_token);

  absl::StatusOr<Schema> RegisterSchema(const SchemaDraft& draft);
  // The versions that it hid. Version 0: all of the subject.
  absl::StatusOr<std::vector<uint32_t>> DeleteSchema(const std::string& subject, uint32_t version,
                                                     bool permanent, const std::string& comment);
  absl::StatusOr<ModeSettings> GetRegistryMode(const std::string& subject);
  absl::StatusOr<ModeSettings> SetRegistryMode(const ModeSettings& settings, bool force);
  absl::StatusOr<Schema> GetSchema(const std::string& subject, uint32_t version);
  absl::StatusOr<std::vector<Schema>> ListSchemas(const SchemaQuery& query);
  absl::StatusOr<Validation> ValidateData(const std::string& subject, uint32_t version,
                                          const std::string& data);
  // Nothing is stored; findings are an answer. An empty subject is the global setting.
  absl::StatusOr<CompatibilityCheck> CheckCompatibility(const SchemaDraft& draft);
  // Runs it over the stored events of its subject; takes as long as that takes. `on_progress` runs
  // on this thread. Events that break are an answer.
  absl::StatusOr<Observation> ObserveSchema(
      const SchemaDraft& draft, const ObserveOptions& options,
      absl::FunctionRef<void(const Observation&)> on_progress);
  absl::StatusOr<CompatibilitySettings> GetCompatibility(const std::string& subject);
  absl::StatusOr<CompatibilitySettings> SetCompatibility(const CompatibilitySettings& settings);
  absl::StatusOr<ValidationSettings> GetValidation(const std::string& subject);
  absl::StatusOr<ValidationSettings> SetValidation(const ValidationSettings& settings);
  // Back to the global settings, or to what each format has.
  absl::StatusOr<ValidationSettings> ClearValidation(const std::string& subject,
                                                     const std::string& comment);
  absl::StatusOr<SchemaMode> GetCategoryMode(const std::string& category);
  absl::StatusOr<SchemaMode> SetCategoryMode(const std::string& category, SchemaMode mode);

  // What Append would decide; nothing is stored. A denial is an answer, a violation an error.
  absl::StatusOr<PolicyVerdict> CheckPolicy(const CommitDraft& draft);

  // API tokens. The text of a new one is in this answer and nowhere else.
  absl::StatusOr<NewToken> CreateToken(const TokenDraft& draft);
  // Of one principal; empty: of all.
  absl::StatusOr<std::vector<TokenInfo>> ListTokens(const std::string& principal);
  absl::StatusOr<TokenInfo> RevokeToken(const std::string& id, const std::string& comment);

  absl::StatusOr<std::vector<RoleInfo>> ListRoles();
  // Anew, or changed for all who have it.
  absl::StatusOr<RoleInfo> DefineRole(const RoleInfo& role);
  absl::StatusOr<RoleInfo> RemoveRole(const std::string& name, const std::string& comment);
  // Of one principal or group; empty: all.
  absl::StatusOr<std::vector<BindingInfo>> ListBindings(const std::string& member);
  absl::StatusOr<BindingInfo> CreateBinding(const BindingInfo& binding);
  absl::StatusOr<BindingInfo> DeleteBinding(const std::string& id, const std::string& comment);

  absl::StatusOr<ServerStatus> GetStatus();

  // Has the server build its index again, and waits; `told` runs now and then, on this thread.
  // Gives the position that was reached.
  absl::StatusOr<uint64_t> RebuildIndex(const std::function<void(const RebuildProgress&)>& told);

  // Lets the server read its whole log and check it; takes as long as that takes. `on_progress`
  // runs on this thread. Damage is an answer.
  absl::StatusOr<Verification> VerifyLog(absl::FunctionRef<void(const Verification&)> on_progress);
  // The same with every event's data and the schema that it names.
  absl::StatusOr<SchemaVerification> VerifySchemas(
      absl::FunctionRef<void(const SchemaVerification&)> on_progress);

  // Who publishes and consumes what, as the log shows it; may take as long as reading the log does.
  // `on_progress` runs on this thread, with what was read and the head.
  absl::StatusOr<ServiceGraph> GetServiceGraph(
      absl::FunctionRef<void(Position position, Position head)> on_progress);

  // Whether every event has a whole stamp; as VerifyLog. `unknown_is_outside`: UUIDs that the log
  // does not know are causes of somebody else's.
  absl::StatusOr<AuditVerification> VerifyAudit(
      bool unknown_is_outside, absl::FunctionRef<void(const AuditVerification&)> on_progress);

  // What a decision was: NOT_FOUND.
  absl::StatusOr<Decision> ExplainDecision(const std::string& id);

  // Ends every call under way and to come with kCancelled.
  void Cancel();

  // What the files of the client share; nobody else can see into it.
  struct Parts;

 private:
  friend class CommandClient;
  friend class DomainClient;
  friend class QueryClient;
  friend class RouteClient;
  friend class SnapshotClient;
  friend class TraceClient;

  explicit Client(std::unique_ptr<Parts> parts);

  const std::unique_ptr<Parts> parts_;
};

}  // namespace nexus::client
