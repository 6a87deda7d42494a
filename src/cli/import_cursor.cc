#include "cli/import_cursor.h"

#include <filesystem>

#include "absl/strings/str_cat.h"
#include "cli/files.h"
#include "cli/json.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"
#include "simdjson.h"

namespace nexus::cli {
namespace {

constexpr uint64_t kVersion = 1;

}  // namespace

absl::StatusOr<std::optional<ImportCursor>> LoadCursor(const std::string& path) {
  std::error_code missing;
  if (!std::filesystem::exists(path, missing)) return std::optional<ImportCursor>();
  NEXUS_ASSIGN_OR_RETURN(const std::string text, ReadFile(path));
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  uint64_t version = 0;
  ImportCursor cursor;
  std::string_view format;
  std::string_view digest;
  if (parser.parse(text).get(root) || root["version"].get(version) || version != kVersion ||
      root["format"].get(format) || root["batch_size"].get(cursor.batch_size) ||
      root["bytes"].get(cursor.bytes) || root["lines"].get(cursor.lines) ||
      root["batches"].get(cursor.batches) || root["stored"].get(cursor.stored) ||
      root["skipped"].get(cursor.skipped) || root["prefix_digest"].get(digest)) {
    return MakeError(ErrorReason::kMalformedJson,
                     absl::StrCat(path, " is not a cursor of nexusctl import"));
  }
  cursor.format = std::string(format);
  cursor.prefix_digest = std::string(digest);
  return cursor;
}

absl::Status SaveCursor(const std::string& path, const ImportCursor& cursor) {
  JsonObject json;
  json.Number("version", kVersion).Text("format", cursor.format);
  json.Number("batch_size", cursor.batch_size).Number("bytes", cursor.bytes);
  json.Number("lines", cursor.lines).Number("batches", cursor.batches);
  json.Number("stored", cursor.stored).Number("skipped", cursor.skipped);
  json.Text("prefix_digest", cursor.prefix_digest);
  return ReplaceFile(path, json.Take() + "\n");
}

}  // namespace nexus::cli
