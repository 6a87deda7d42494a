#include "schema/json/json_document.h"

#include <algorithm>
#include <cstdint>

#include "absl/strings/str_cat.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"
#include "schema/json/json_fault.h"
#include "schema/json/tree_check.h"

namespace nexus::schema {
namespace {

using simdjson::dom::parser;

// A thread's parser keeps its memory, some fifteen bytes for each of the largest document so far.
// Documents above this get a parser of their own, so that threads do not hoard.
constexpr size_t kSharedParserBytesMax = 64 << 10;

absl::Status Malformed(absl::string_view text, size_t depth_max, simdjson::error_code code) {
  if (code == simdjson::MEMALLOC) {
    return MakeError(ErrorReason::kOverloaded, "no memory to parse a JSON document");
  }
  const auto fault = FindJsonFault(text, depth_max);
  // Both readers must agree; if ever they do not, the refusal stands and names the parser's reason.
  if (!fault) {
    return MakeError(ErrorReason::kMalformedJson,
                     absl::StrCat("malformed JSON: ", simdjson::error_message(code)));
  }
  ErrorDetails details;
  details.reason = ErrorReason::kMalformedJson;
  details.metadata.emplace_back("offset", absl::StrCat(fault->offset));
  return MakeError(absl::StrCat("malformed JSON at byte ", fault->offset, ": ", fault->reason),
                   details);
}

absl::Status CheckTree(absl::string_view text, JsonElement root, size_t depth_max) {
  const TreeFault fault = FindTreeFault(root, depth_max);
  if (fault.kind == TreeFault::Kind::kNone) return absl::OkStatus();
  if (fault.kind == TreeFault::Kind::kTooDeep) {
    return Malformed(text, depth_max, simdjson::DEPTH_ERROR);
  }
  ErrorDetails details;
  details.reason = ErrorReason::kMalformedJson;
  details.metadata.emplace_back("pointer", fault.pointer);
  return MakeError(absl::StrCat("malformed JSON: the property ", fault.pointer, " is there twice"),
                   details);
}

// `depth_max` of the parser counts one level more than there are containers.
simdjson::error_code Prepare(parser& p, size_t bytes, size_t depth_max) {
  if (p.capacity() >= bytes && p.max_depth() == depth_max + 1) return simdjson::SUCCESS;
  return p.allocate(std::max(bytes, p.capacity()), depth_max + 1);
}

}  // namespace

absl::StatusOr<std::unique_ptr<const JsonDocument>> JsonDocument::Parse(absl::string_view text,
                                                                        size_t depth_max) {
  auto document = std::make_unique<JsonDocument>();
  parser p;
  simdjson::error_code error = Prepare(p, text.size(), depth_max);
  if (!error) {
    error =
        p.parse_into_document(document->document_, text.data(), text.size()).get(document->root_);
  }
  if (error) return Malformed(text, depth_max, error);
  NEXUS_RETURN_IF_ERROR(CheckTree(text, document->root_, depth_max));
  return document;
}

absl::StatusOr<TransientJson> TransientJson::Parse(absl::string_view text, size_t depth_max) {
  thread_local parser shared;
  TransientJson json;
  parser* p = &shared;
  if (text.size() > kSharedParserBytesMax) {
    json.own_ = std::make_unique<parser>();
    p = json.own_.get();
  }
  simdjson::error_code error = Prepare(*p, text.size(), depth_max);
  if (!error) error = p->parse(text.data(), text.size()).get(json.root_);
  if (error) return Malformed(text, depth_max, error);
  NEXUS_RETURN_IF_ERROR(CheckTree(text, json.root_, depth_max));
  return json;
}

}  // namespace nexus::schema
