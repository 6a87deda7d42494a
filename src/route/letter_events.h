#pragma once

// The events of the stream `$dead-letters`, byte for byte: docs/reference/dead-letters.md. A letter
// names its event and does not copy it: the log keeps the original as it was.

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "nexus/core/event.h"
#include "nexus/port/json_reader.h"
#include "route/dead_letters.h"

namespace nexus::route {

inline constexpr absl::string_view kDeadLetterStream = "$dead-letters";
inline constexpr absl::string_view kDeadLetterType = "$dead-lettered";
inline constexpr absl::string_view kLetterRetriedType = "$dead-letter-retried";
inline constexpr absl::string_view kLetterSkippedType = "$dead-letter-skipped";
inline constexpr absl::string_view kLetterRecoveredType = "$dead-letter-recovered";

// A letter as it stands.
struct Letter {
  uint64_t id = 0;  // the revision of its event in `$dead-letters`
  std::string route;
  std::string sink;
  std::string stream;
  Revision revision;
  Position position;
  std::string event_id;
  std::string type;
  uint64_t attempts = 0;
  std::string error;
  ErrorClass error_class = ErrorClass::kOther;
  LetterFate fate = LetterFate::kParked;
  Timestamp recorded = {};
  // Somebody had it tried again, or the stream go on behind it.
  bool retrying = false;
  bool skipped = false;
  Revision retry_from = {};
  std::string decided_by = {};
  std::string comment = {};
};

// What somebody decided of a letter, or became of it.
struct LetterAction {
  enum class Kind { kRetried, kSkipped, kRecovered };
  Kind kind = Kind::kRetried;
  uint64_t letter = 0;
  std::string comment = {};
  std::string replaced_by = {};  // the id of an event that took its place
};

absl::string_view FateName(LetterFate fate);

std::string EncodeLetter(const DeadLetter& letter);
std::string EncodeLetterAction(const LetterAction& action);
absl::string_view TypeOf(LetterAction::Kind kind);

// DATA_LOSS if the data is not such an event.
absl::StatusOr<Letter> DecodeLetter(const RecordedEvent& event, JsonReader& json);
absl::StatusOr<LetterAction> DecodeLetterAction(const RecordedEvent& event, JsonReader& json);

}  // namespace nexus::route
