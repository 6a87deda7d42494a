#include "command/command_view.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "digest/sha256.h"
#include "nexus/core/json_text.h"
#include "nexus/core/time_text.h"

namespace nexus::command {
namespace {

void AppendMember(std::string& out, absl::string_view name, absl::string_view text) {
  if (text.empty()) return;
  absl::StrAppend(&out, ",\"", name, "\":");
  AppendJsonString(out, text);
}

}  // namespace

std::string CommandView(const CommandDraft& command, const CommitId& id) {
  std::string out;
  out.reserve(command.data.size() + command.type.size() + 100);
  out.append("{\"type\":");
  AppendJsonString(out, command.type);
  absl::StrAppend(&out, ",\"id\":\"", id.ToString(), "\",\"data\":", command.data,
                  ",\"metadata\":{");
  std::vector<std::pair<std::string, std::string>> metadata = command.metadata;
  std::sort(metadata.begin(), metadata.end());
  for (size_t i = 0; i < metadata.size(); ++i) {
    if (i > 0) out.push_back(',');
    AppendJsonString(out, metadata[i].first);
    out.push_back(':');
    AppendJsonString(out, metadata[i].second);
  }
  out.append("}}");
  return out;
}

std::string CommandDigest(absl::string_view command_view) {
  return Sha256Hex(command_view).substr(0, 32);
}

std::string ContextView(const DecideContext& context, const CommitId& id) {
  std::string out = "{\"now\":\"";
  AppendTime(out, context.now);
  absl::StrAppend(&out, "\",\"commandId\":\"", id.ToString(), "\"");
  AppendMember(out, "aggregateId", context.aggregate_id);
  AppendMember(out, "correlationId", context.correlation_id);
  AppendMember(out, "causationId", context.causation_id);
  if (context.principal != nullptr) {
    out.append(",\"principal\":{\"name\":");
    AppendJsonString(out, context.principal->name);
    out.append(",\"roles\":[");
    for (size_t i = 0; i < context.principal->roles.size(); ++i) {
      if (i > 0) out.push_back(',');
      AppendJsonString(out, context.principal->roles[i]);
    }
    out.append("]}");
  }
  const Sha256Digest digest = Sha256(id.AsBytes());
  std::array<uint32_t, 4> seed{};
  std::memcpy(seed.data(), digest.data(), sizeof(seed));
  absl::StrAppend(&out, ",\"seed\":[", seed[0], ",", seed[1], ",", seed[2], ",", seed[3], "]}");
  return out;
}

}  // namespace nexus::command
