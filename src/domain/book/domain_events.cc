#include "domain/book/domain_events.h"

#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "nexus/core/errors.h"
#include "nexus/core/json_text.h"
#include "nexus/core/status_macros.h"

namespace nexus::domain {
namespace {

using Members = absl::flat_hash_map<std::string, JsonMember>;

absl::Status Damaged(absl::string_view type, absl::string_view why) {
  return MakeError(ErrorReason::kDataLoss,
                   absl::StrCat("a stored event ", type, " cannot be read: ", why));
}

std::string TextIn(const Members& members, absl::string_view name) {
  const auto found = members.find(name);
  return found == members.end() ? "" : found->second.text;
}

uint64_t NumberIn(const Members& members, absl::string_view name) {
  uint64_t value = 0;
  return absl::SimpleAtoi(TextIn(members, name), &value) ? value : 0;
}

std::string FilesJson(const std::vector<PackageFile>& files) {
  std::string out = "[";
  for (const PackageFile& file : files) {
    absl::StrAppend(&out, out.size() > 1 ? "," : "", "{\"path\":", JsonString(file.path),
                    ",\"text\":", JsonString(file.text), "}");
  }
  return out + "]";
}

absl::StatusOr<std::vector<PackageFile>> FilesOf(const std::string& array, JsonReader& json) {
  std::vector<PackageFile> files;
  NEXUS_ASSIGN_OR_RETURN(const std::vector<JsonMember> items, json.ReadArray(array));
  for (const JsonMember& item : items) {
    NEXUS_ASSIGN_OR_RETURN(const Members members, json.ReadObject(item.text));
    files.push_back({TextIn(members, "path"), TextIn(members, "text")});
  }
  return files;
}

absl::Status ReadPackage(const Members& members, JsonReader& json, DomainPackage& package) {
  NEXUS_ASSIGN_OR_RETURN(package.declarations, FilesOf(TextIn(members, "declarations"), json));
  NEXUS_ASSIGN_OR_RETURN(package.files, FilesOf(TextIn(members, "files"), json));
  if (DigestOf(package) == TextIn(members, "digest")) return absl::OkStatus();
  return absl::DataLossError("its digest is another one");
}

}  // namespace

absl::string_view TypeOf(const DomainEvent& event) {
  return event.removed ? kDomainRemovedType : kDomainAppliedType;
}

std::string EncodeDomainEvent(const DomainEvent& event) {
  std::string out =
      absl::StrCat("{\"name\":", JsonString(event.package.name), ",\"version\":", event.version);
  if (!event.removed) {
    absl::StrAppend(&out, ",\"digest\":\"", DigestOf(event.package),
                    "\",\"declarations\":", FilesJson(event.package.declarations),
                    ",\"files\":", FilesJson(event.package.files));
  }
  if (event.rolled_back_to != 0) {
    absl::StrAppend(&out, ",\"rolled_back_to\":", event.rolled_back_to);
  }
  absl::StrAppend(&out, ",\"comment\":", JsonString(event.comment), "}");
  return out;
}

absl::StatusOr<DomainEvent> DecodeDomainEvent(absl::string_view type, absl::string_view data,
                                              JsonReader& json) {
  DomainEvent event;
  event.removed = type == kDomainRemovedType;
  if (!event.removed && type != kDomainAppliedType) {
    return MakeError(ErrorReason::kUnsupportedFormat,
                     absl::StrCat(kDomainsStream, " has an event of the unknown type ", type));
  }
  const auto members = json.ReadObject(data);
  if (!members.ok()) return Damaged(type, members.status().message());
  event.package.name = TextIn(*members, "name");
  event.version = NumberIn(*members, "version");
  event.rolled_back_to = NumberIn(*members, "rolled_back_to");
  event.comment = TextIn(*members, "comment");
  if (event.package.name.empty() || event.version == 0) {
    return Damaged(type, "it names no domain, or no version");
  }
  if (event.removed) return event;
  if (const absl::Status read = ReadPackage(*members, json, event.package); !read.ok()) {
    return Damaged(type, read.message());
  }
  return event;
}

}  // namespace nexus::domain
