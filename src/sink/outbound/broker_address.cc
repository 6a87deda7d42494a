#include "sink/outbound/broker_address.h"

#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"

namespace nexus::sink {
namespace {

absl::Status Invalid(absl::string_view option, absl::string_view what) {
  return MakeError(ErrorReason::kConfigurationInvalid, absl::StrCat(option, " ", what));
}

absl::StatusOr<BrokerAddress> ParseOne(absl::string_view text, int default_port,
                                       absl::string_view option) {
  // It would end up in error texts.
  if (text.find_first_of("/@ ") != absl::string_view::npos) {
    return Invalid(option, "must be host:port,host:port");
  }
  const size_t colon = text.rfind(':');
  const bool has_port =
      colon != absl::string_view::npos && text.find(']', colon) == absl::string_view::npos;
  BrokerAddress address{std::string(has_port ? text.substr(0, colon) : text), default_port};
  if (has_port && (!absl::SimpleAtoi(text.substr(colon + 1), &address.port) || address.port <= 0 ||
                   address.port > 65'535)) {
    return Invalid(option, absl::StrCat("has no port in ", text));
  }
  std::string& host = address.host;
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
  }
  if (host.empty()) return Invalid(option, "must be host:port,host:port");
  return address;
}

}  // namespace

std::string BrokerAddress::HostAndPort() const {
  const bool bracketed = host.find(':') != std::string::npos;
  return absl::StrCat(bracketed ? "[" : "", host, bracketed ? "]:" : ":", port);
}

absl::StatusOr<std::vector<BrokerAddress>> ParseBrokerAddresses(absl::string_view text,
                                                                int default_port,
                                                                absl::string_view option) {
  std::vector<BrokerAddress> addresses;
  for (const absl::string_view one : absl::StrSplit(text, ',')) {
    NEXUS_ASSIGN_OR_RETURN(BrokerAddress address, ParseOne(one, default_port, option));
    addresses.push_back(std::move(address));
  }
  return addresses;
}

}  // namespace nexus::sink
