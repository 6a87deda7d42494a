#include "schema/json/json_document.h"

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"
#include "schema/json/json_fault.h"
#include "schema/json/tape.h"
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

// `depth_max` of the parser counts one level more than there are containers. An empty text, which
// may have no address, is not for the parser to copy.
simdjson::error_code Prepare(parser& p, size_t bytes, size_t depth_max) {
  if (bytes == 0) return simdjson::EMPTY;
  if (p.capacity() >= bytes && p.max_depth() == depth_max + 1) return simdjson::SUCCESS;
  return p.allocate(std::max(bytes, p.capacity()), depth_max + 1);
}

// What the words of a document's tape are, and the bytes of its texts.
struct Extent {
  size_t words = 0;
  size_t text_bytes = 0;
};

Extent ExtentOf(const simdjson::dom::document& document) {
  const Tape tape(document);
  // The root's word has the index behind the last.
  Extent extent{tape.EndOf(0), 0};
  for (size_t i = 1; i < extent.words;) {
    const char tag = tape.TagAt(i);
    if (tag == '"') {
      const std::string_view text = tape.TextAt(i);
      const char* const begin = reinterpret_cast<const char*>(document.string_buf.get());
      extent.text_bytes = static_cast<size_t>(text.data() + text.size() + 1 - begin);
    }
    i += tag == 'l' || tag == 'u' || tag == 'd' ? 2 : 1;
  }
  return extent;
}

// Gives back what the parser allocated for the worst text of that length.
void Fit(simdjson::dom::document& document) {
  const Extent extent = ExtentOf(document);
  auto words = std::make_unique<uint64_t[]>(extent.words);
  std::copy_n(document.tape.get(), extent.words, words.get());
  // Readers may look at some bytes behind a text.
  auto texts = std::make_unique<uint8_t[]>(extent.text_bytes + simdjson::SIMDJSON_PADDING);
  std::copy_n(document.string_buf.get(), extent.text_bytes, texts.get());
  document.tape = std::move(words);
  document.string_buf = std::move(texts);
}

}  // namespace

absl::StatusOr<std::unique_ptr<const JsonDocument>> JsonDocument::ParseToKeep(
    absl::string_view text, size_t depth_max) {
  NEXUS_ASSIGN_OR_RETURN(std::unique_ptr<JsonDocument> document, Make(text, depth_max));
  Fit(document->document_);
  return document;
}

absl::StatusOr<std::unique_ptr<const JsonDocument>> JsonDocument::Parse(absl::string_view text,
                                                                        size_t depth_max) {
  return Make(text, depth_max);
}

absl::StatusOr<std::unique_ptr<JsonDocument>> JsonDocument::Make(absl::string_view text,
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
