#include "sink/nats/nats_options.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"
#include "sink/outbound/address_pattern.h"
#include "sink/outbound/broker_address.h"

namespace nexus::sink {
namespace {

constexpr int kNatsPort = 4222;
constexpr char kServersOption[] = "nats.servers";

absl::Status InvalidNats(absl::string_view key, absl::string_view what) {
  return MakeError(ErrorReason::kConfigurationInvalid, absl::StrCat("nats.", key, " ", what));
}

absl::Status CheckSubject(const NatsOptions& options) {
  NEXUS_ASSIGN_OR_RETURN(const AddressPattern pattern,
                         AddressPattern::Parse(options.subject, "nats.subject"));
  for (const absl::string_view token : absl::StrSplit(pattern.WithFieldsAs("x"), '.')) {
    const bool clean = std::none_of(token.begin(), token.end(), [](unsigned char c) {
      return c == '*' || c == '>' || absl::ascii_isspace(c) || absl::ascii_iscntrl(c);
    });
    if (token.empty() || !clean) {
      return InvalidNats("subject", "must be words with a '.' between them, without wildcards");
    }
  }
  return absl::OkStatus();
}

absl::Status CheckCredentials(const NatsCredentials& credentials) {
  NEXUS_RETURN_IF_ERROR(CheckSecretPlace(credentials.password, "nats.credentials.password"));
  NEXUS_RETURN_IF_ERROR(CheckSecretPlace(credentials.token, "nats.credentials.token"));
  const int ways = (credentials.user.empty() ? 0 : 1) + (credentials.token.empty() ? 0 : 1) +
                   (credentials.file.empty() ? 0 : 1);
  if (ways > 1) return InvalidNats("credentials", "may have a user, a token or a file, not two");
  if (credentials.user.empty() != credentials.password.empty()) {
    return InvalidNats("credentials", "needs both a user and a password, or neither");
  }
  return absl::OkStatus();
}

absl::Status CheckDraft(const NatsStreamDraft& draft) {
  if (!draft.declare) return absl::OkStatus();
  if (draft.replicas < 1 || draft.replicas > 5) {
    return InvalidNats("draft.replicas", "must be between 1 and 5");
  }
  if (draft.max_bytes < 1) return InvalidNats("draft.max_bytes", "must be at least 1");
  if (draft.max_age < absl::Seconds(1)) {
    return InvalidNats("draft.max_age", "must be at least a second");
  }
  if (draft.duplicate_window < absl::Milliseconds(100) || draft.duplicate_window > draft.max_age) {
    return InvalidNats("draft.duplicate_window", "must be between 100 ms and max_age");
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status Check(const NatsOptions& options) {
  if (options.name.empty()) return InvalidNats("name", "must not be empty");
  if (options.servers.empty()) return InvalidNats("servers", "must not be empty");
  NEXUS_RETURN_IF_ERROR(ParseBrokerAddresses(options.servers, kNatsPort, kServersOption).status());
  // Without a stream a message is delivered at most once.
  if (options.stream.empty() || options.stream.find_first_of(".*> \t/\\") != std::string::npos) {
    return InvalidNats("stream", "must be the name of a stream of JetStream");
  }
  NEXUS_RETURN_IF_ERROR(CheckSubject(options));
  NEXUS_RETURN_IF_ERROR(CheckCredentials(options.credentials));
  NEXUS_RETURN_IF_ERROR(CheckTlsFiles(options.tls, "nats.tls"));
  if (options.in_flight_max < 1) return InvalidNats("in_flight_max", "must be at least 1");
  if (options.ack_timeout < absl::Milliseconds(1)) {
    return InvalidNats("ack_timeout", "must be at least 1 ms");
  }
  return CheckDraft(options.draft);
}

std::vector<NatsServerAddress> ServersOf(const NatsOptions& options) {
  std::vector<NatsServerAddress> servers;
  const auto addresses = ParseBrokerAddresses(options.servers, kNatsPort, kServersOption);
  if (!addresses.ok()) return servers;
  for (const BrokerAddress& address : *addresses) {
    servers.push_back(
        {absl::StrCat(options.tls.enabled ? "tls" : "nats", "://", address.HostAndPort()),
         address.host});
  }
  return servers;
}

bool SubjectMatches(absl::string_view filter, absl::string_view subject) {
  const std::vector<absl::string_view> wanted = absl::StrSplit(filter, '.');
  const std::vector<absl::string_view> given = absl::StrSplit(subject, '.');
  for (size_t i = 0; i < wanted.size(); ++i) {
    if (i >= given.size()) return false;
    if (wanted[i] == ">") return true;
    if (wanted[i] != "*" && wanted[i] != given[i]) return false;
  }
  return wanted.size() == given.size();
}

}  // namespace nexus::sink
