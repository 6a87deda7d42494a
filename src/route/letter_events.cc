#include "route/letter_events.h"

#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "nexus/core/errors.h"
#include "nexus/core/json_text.h"
#include "nexus/core/name_table.h"
#include "nexus/core/text.h"

namespace nexus::route {
namespace {

constexpr size_t kErrorBytesMax = 1'000;

constexpr std::pair<LetterFate, absl::string_view> kFates[] = {{LetterFate::kParked, "parked"},
                                                               {LetterFate::kPassed, "passed"},
                                                               {LetterFate::kSkipped, "skipped"}};
constexpr std::pair<LetterAction::Kind, absl::string_view> kActionTypes[] = {
    {LetterAction::Kind::kRetried, kLetterRetriedType},
    {LetterAction::Kind::kSkipped, kLetterSkippedType},
    {LetterAction::Kind::kRecovered, kLetterRecoveredType}};

// A vendor's message may hold anything.
std::string CleanError(absl::string_view error) {
  std::string clean(error.substr(0, kErrorBytesMax));
  if (const auto bad = FindInvalidUtf8(clean)) clean.resize(*bad);
  return clean;
}

absl::Status DamagedLetter(const RecordedEvent& event, absl::string_view why) {
  return MakeError(ErrorReason::kDataLoss,
                   absl::StrCat(kDeadLetterStream, " revision ", event.revision.value, ": ", why));
}

// Takes members; one that is missing gives nothing.
class LetterMembers {
 public:
  explicit LetterMembers(absl::flat_hash_map<std::string, JsonMember> members)
      : members_(std::move(members)) {}

  std::string Text(absl::string_view name) const {
    const auto found = members_.find(name);
    return found == members_.end() ? "" : found->second.text;
  }
  bool Number(absl::string_view name, uint64_t& out) const {
    const auto found = members_.find(name);
    return found != members_.end() && absl::SimpleAtoi(found->second.text, &out);
  }

 private:
  absl::flat_hash_map<std::string, JsonMember> members_;
};

}  // namespace

absl::string_view FateName(LetterFate fate) { return NameIn(kFates, fate); }
absl::string_view TypeOf(LetterAction::Kind kind) { return NameIn(kActionTypes, kind); }

std::string EncodeLetter(const DeadLetter& letter) {
  const RecordedEvent& event = *letter.event.event;
  std::string data =
      absl::StrCat("{\"route\":", JsonString(letter.route), ",\"sink\":", JsonString(letter.sink),
                   ",\"stream\":", JsonString(event.stream));
  absl::StrAppend(&data, ",\"revision\":", event.revision.value,
                  ",\"position\":", event.position.value, ",\"event_id\":\"", event.id.ToString(),
                  "\",\"type\":", JsonString(event.type));
  absl::StrAppend(&data, ",\"attempts\":", letter.attempts, ",\"class\":\"",
                  ErrorClassName(letter.error_class), "\",\"fate\":\"", FateName(letter.fate),
                  "\",\"error\":", JsonString(CleanError(letter.error)), "}");
  return data;
}

std::string EncodeLetterAction(const LetterAction& action) {
  return absl::StrCat("{\"letter\":", action.letter, ",\"comment\":", JsonString(action.comment),
                      ",\"replaced_by\":", JsonString(action.replaced_by), "}");
}

absl::StatusOr<Letter> DecodeLetter(const RecordedEvent& event, JsonReader& json) {
  auto read = json.ReadObject(event.data);
  if (!read.ok()) return DamagedLetter(event, "its data cannot be read");
  const LetterMembers members(*std::move(read));
  Letter letter;
  letter.id = event.revision.value;
  letter.recorded = event.recorded;
  letter.sink = members.Text("sink");
  letter.route = members.Text("route");
  // Of times before routes had names.
  if (letter.route.empty()) letter.route = letter.sink;
  letter.stream = members.Text("stream");
  letter.event_id = members.Text("event_id");
  letter.type = members.Text("type");
  letter.error = members.Text("error");
  letter.error_class = ParseErrorClass(members.Text("class")).value_or(ErrorClass::kOther);
  ParseNameIn(kFates, members.Text("fate"), letter.fate);
  const bool whole = members.Number("revision", letter.revision.value) &&
                     members.Number("position", letter.position.value) &&
                     members.Number("attempts", letter.attempts) && !letter.route.empty() &&
                     !letter.stream.empty();
  if (!whole) return DamagedLetter(event, "it does not name its event");
  return letter;
}

absl::StatusOr<LetterAction> DecodeLetterAction(const RecordedEvent& event, JsonReader& json) {
  LetterAction action;
  if (!ParseNameIn(kActionTypes, event.type, action.kind)) {
    return MakeError(
        ErrorReason::kUnsupportedFormat,
        absl::StrCat(kDeadLetterStream, " has an event of the unknown type ", event.type));
  }
  auto read = json.ReadObject(event.data);
  if (!read.ok()) return DamagedLetter(event, "its data cannot be read");
  const LetterMembers members(*std::move(read));
  if (!members.Number("letter", action.letter)) return DamagedLetter(event, "it names no letter");
  action.comment = members.Text("comment");
  action.replaced_by = members.Text("replaced_by");
  return action;
}

}  // namespace nexus::route
