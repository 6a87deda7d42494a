// API tokens: the client's part.

#include <string>
#include <vector>

#include "client/convert.h"
#include "client/parts.h"
#include "client/status.h"
#include "nexus/client/client.h"
#include "nexus/core/status_macros.h"

namespace nexus::client {
namespace {

constexpr int64_t kMicros = 1'000'000;

template <typename Texts>
std::vector<std::string> ListOf(const Texts& texts) {
  return {texts.begin(), texts.end()};
}

Timestamp TimeOf(const google::protobuf::Timestamp& time) {
  return Timestamp{time.seconds() * kMicros + time.nanos() / 1'000};
}

TokenInfo InfoOf(const admin::v1::Token& in) {
  TokenInfo info;
  info.id = in.id();
  info.principal = in.principal();
  info.roles = ListOf(in.roles());
  info.operations = ListOf(in.operations());
  info.categories = ListOf(in.selector().categories());
  info.stream_prefixes = ListOf(in.selector().stream_prefixes());
  info.event_types = ListOf(in.selector().event_types());
  if (in.has_expire_time()) info.expires = TimeOf(in.expire_time());
  info.created = TimeOf(in.create_time());
  info.created_by = in.created_by();
  info.comment = in.comment();
  info.revoked = in.revoked();
  return info;
}

}  // namespace

absl::StatusOr<NewToken> Client::CreateToken(const TokenDraft& draft) {
  Call call(parts_->calls, parts_->options.token, parts_->options.timeout);
  admin::v1::CreateTokenRequest request;
  request.set_principal(draft.principal);
  for (const std::string& role : draft.roles) request.add_roles(role);
  for (const std::string& operation : draft.operations) request.add_operations(operation);
  admin::v1::Selector& selector = *request.mutable_selector();
  for (const std::string& category : draft.categories) selector.add_categories(category);
  for (const std::string& prefix : draft.stream_prefixes) selector.add_stream_prefixes(prefix);
  for (const std::string& type : draft.event_types) selector.add_event_types(type);
  if (draft.expires.has_value()) {
    request.mutable_expire_time()->set_seconds(draft.expires->micros / kMicros);
  }
  request.set_comment(draft.comment);
  admin::v1::CreateTokenResponse response;
  NEXUS_RETURN_IF_ERROR(FromGrpc(parts_->access->CreateToken(call.context(), request, &response)));
  return NewToken{InfoOf(response.token()), response.text()};
}

absl::StatusOr<std::vector<TokenInfo>> Client::ListTokens(const std::string& principal) {
  Call call(parts_->calls, parts_->options.token, parts_->options.timeout);
  admin::v1::ListTokensRequest request;
  request.set_principal(principal);
  admin::v1::ListTokensResponse response;
  NEXUS_RETURN_IF_ERROR(FromGrpc(parts_->access->ListTokens(call.context(), request, &response)));
  std::vector<TokenInfo> tokens;
  for (const admin::v1::Token& token : response.tokens()) tokens.push_back(InfoOf(token));
  return tokens;
}

absl::StatusOr<TokenInfo> Client::RevokeToken(const std::string& id, const std::string& comment) {
  Call call(parts_->calls, parts_->options.token, parts_->options.timeout);
  admin::v1::RevokeTokenRequest request;
  request.set_id(id);
  request.set_comment(comment);
  admin::v1::Token response;
  NEXUS_RETURN_IF_ERROR(FromGrpc(parts_->access->RevokeToken(call.context(), request, &response)));
  return InfoOf(response);
}

}  // namespace nexus::client
