#include "nexus/core/data_class.h"

#include "absl/strings/ascii.h"

namespace nexus {
namespace {

constexpr size_t kDataClassBytesMax = 64;

}  // namespace

bool IsDataClass(absl::string_view text) {
  if (text.empty() || text.size() > kDataClassBytesMax) return false;
  bool begins = true;  // a word
  for (const char c : text) {
    if (begins && !absl::ascii_islower(c)) return false;
    if (!absl::ascii_islower(c) && !absl::ascii_isdigit(c) && c != '_' && c != '.') return false;
    begins = c == '.';
  }
  return !begins;
}

void ClassifiedFieldsList::Add(const std::string& path, const FieldClass& found) {
  if (found.empty()) return;
  fields_.insert({path, found.data_class, found.subject_key});
}

bool ClassifiedFieldsList::Step() {
  if (++steps_ <= kStepsMax && fields_.size() < kFieldsMax) return true;
  complete_ = false;
  return false;
}

ClassifiedFields ClassifiedFieldsList::Take() {
  ClassifiedFields taken{{fields_.begin(), fields_.end()}, complete_};
  std::set<std::string> classes;
  for (const ClassifiedField& field : fields_) {
    if (!field.data_class.empty()) classes.insert(field.data_class);
    taken.subject_key = taken.subject_key || field.subject_key;
  }
  taken.classes.assign(classes.begin(), classes.end());
  return taken;
}

}  // namespace nexus
