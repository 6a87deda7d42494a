#include "json_api/command_api.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "json_api/http_caller.h"
#include "json_api/problem.h"
#include "nexus/core/errors.h"
#include "nexus/core/json_text.h"
#include "nexus/core/media_type.h"
#include "nexus/core/status_macros.h"
#include "nexus/core/time_text.h"

namespace nexus::json_api {
namespace {

constexpr char kPrefix[] = "/api/commands";
constexpr absl::Duration kTimeout = absl::Seconds(10);
constexpr absl::string_view kMetadataHeader = "x-metadata-";

// If-Match: "7" expects that revision, If-None-Match: * that there is nothing yet.
absl::Status ReadExpected(const http::Request& request, command::CommandDraft& draft) {
  const std::string none = HeaderOf(request, "if-none-match");
  const std::string match = HeaderOf(request, "if-match");
  if (!none.empty() && !match.empty())
    return WrongHeader("If-Match", "only one of the two may be set");
  if (none == "*") {
    draft.expected = ExpectedRevision::NoStream();
  } else if (!none.empty()) {
    return WrongHeader("If-None-Match", "only * is known: the aggregate has no event");
  }
  if (match == "*") {
    draft.expected = ExpectedRevision::StreamExists();
  } else if (!match.empty()) {
    absl::string_view number = match;
    uint64_t revision = 0;
    if (!absl::ConsumePrefix(&number, "\"") || !absl::ConsumeSuffix(&number, "\"") ||
        !absl::SimpleAtoi(number, &revision)) {
      return WrongHeader("If-Match", "a revision in quotes is needed, or *");
    }
    draft.expected = ExpectedRevision::Exactly(revision);
  }
  return absl::OkStatus();
}

absl::StatusOr<command::CommandDraft> CommandOf(http::Request& request) {
  command::CommandDraft draft;
  absl::string_view type = request.path;
  absl::ConsumePrefix(&type, kPrefix);
  absl::ConsumePrefix(&type, "/");
  if (type.empty() || absl::StrContains(type, "/") || absl::StrContains(type, "%")) {
    return MakeError(ErrorReason::kNotFound, "POST /api/commands/{commandType} is what there is");
  }
  if (request.method != "POST") {
    return MakeError(ErrorReason::kMalformedRequest, "a command is sent by POST");
  }
  const std::string content = HeaderOf(request, "content-type");
  if (!content.empty() && !IsJsonMediaType(content)) {
    return WrongHeader("Content-Type", "a command is JSON");
  }
  draft.type = std::string(type);
  draft.data = std::move(request.body);
  draft.command_id = HeaderOf(request, "idempotency-key");
  draft.correlation_id = HeaderOf(request, "x-correlation-id");
  draft.causation_id = HeaderOf(request, "x-causation-id");
  for (const auto& [name, value] : request.headers) {
    absl::string_view key = name;
    if (absl::ConsumePrefix(&key, kMetadataHeader)) draft.metadata.emplace_back(key, value);
  }
  NEXUS_RETURN_IF_ERROR(ReadExpected(request, draft));
  return draft;
}

http::Response Accepted(const command::CommandReceipt& receipt) {
  http::Response response;
  response.status = 202;
  response.content_type = "application/json";
  std::string& body = response.body;
  absl::StrAppend(&body, "{\"commandId\":\"", receipt.command_id.ToString(),
                  "\",\"aggregate\":", JsonString(receipt.aggregate),
                  ",\"stream\":", JsonString(receipt.stream), ",\"version\":");
  absl::StrAppend(&body, receipt.revision.has_value() ? absl::StrCat(receipt.revision->value)
                                                      : std::string("null"));
  absl::StrAppend(&body, ",\"position\":", receipt.position.value, ",\"events\":[");
  for (size_t i = 0; i < receipt.events.size(); ++i) {
    const command::ReceiptEvent& event = receipt.events[i];
    absl::StrAppend(&body, i == 0 ? "" : ",", "{\"id\":\"", event.id.ToString(),
                    "\",\"type\":", JsonString(event.type), ",\"revision\":", event.revision.value,
                    ",\"position\":", event.position.value, "}");
  }
  absl::StrAppend(&body, "],\"correlationId\":", JsonString(receipt.correlation_id),
                  ",\"repeated\":", receipt.repeated ? "true" : "false");
  if (!receipt.events.empty()) {
    absl::StrAppend(&body, ",\"recorded\":\"", TimeText(receipt.recorded), "\"");
  }
  body.append("}\n");
  if (receipt.revision.has_value()) {
    response.headers.emplace_back("ETag", absl::StrCat("\"", receipt.revision->value, "\""));
  }
  // It may have come by another way, where line ends are no matter.
  if (std::all_of(receipt.correlation_id.begin(), receipt.correlation_id.end(),
                  [](unsigned char c) { return absl::ascii_isprint(c); })) {
    response.headers.emplace_back("X-Correlation-Id", receipt.correlation_id);
  }
  return response;
}

}  // namespace

http::Area CommandApi::Area(size_t body_bytes_max) {
  return {kPrefix, body_bytes_max, [this](http::Request request, http::Reply reply) {
            Answer(std::move(request), std::move(reply));
          }};
}

void CommandApi::Answer(http::Request request, http::Reply reply) {
  // Whoever may not execute anything learns nothing here.
  absl::StatusOr<engine::Caller> caller =
      CallerOf(request, kOperation, kTimeout, parts_.guard, parts_.clock);
  if (!caller.ok()) return reply(ProblemOf(caller.status()));
  absl::StatusOr<command::CommandDraft> draft = CommandOf(request);
  if (!draft.ok()) return reply(ProblemOf(draft.status()));
  parts_.runner.Execute(
      *std::move(draft), *std::move(caller),
      [reply = std::move(reply)](absl::StatusOr<command::CommandReceipt> receipt) mutable {
        reply(receipt.ok() ? Accepted(*receipt) : ProblemOf(receipt.status()));
      });
}

}  // namespace nexus::json_api
