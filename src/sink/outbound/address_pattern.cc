#include "sink/outbound/address_pattern.h"

#include <array>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "nexus/core/errors.h"
#include "nexus/core/stream_name.h"

namespace nexus::sink {
namespace {

void AppendWord(std::string& out, absl::string_view value) {
  if (value.empty()) out += '_';
  for (const char c : value) {
    const bool separates = absl::string_view(".*#>/").find(c) != absl::string_view::npos;
    out += separates || absl::ascii_isspace(static_cast<unsigned char>(c)) ||
                   absl::ascii_iscntrl(static_cast<unsigned char>(c))
               ? '_'
               : c;
  }
}

}  // namespace

absl::StatusOr<AddressPattern> AddressPattern::Parse(absl::string_view pattern,
                                                     absl::string_view key) {
  static constexpr std::array<std::pair<absl::string_view, Field>, 6> kFields = {
      {{"category", Field::kCategory},
       {"type", Field::kType},
       {"version", Field::kVersion},
       {"stream", Field::kStream},
       {"key", Field::kKey},
       {"path", Field::kPath}}};
  AddressPattern parsed;
  absl::string_view rest = pattern;
  while (true) {
    const size_t begin = rest.find('<');
    Part part{std::string(rest.substr(0, begin))};
    if (begin == absl::string_view::npos) {
      parsed.parts_.push_back(std::move(part));
      return parsed;
    }
    const size_t end = rest.find('>', begin);
    const absl::string_view name =
        end == absl::string_view::npos ? "" : rest.substr(begin + 1, end - begin - 1);
    for (const auto& [known, field] : kFields) {
      if (name == known) part.field = field;
    }
    if (part.field == Field::kNone) {
      return MakeError(ErrorReason::kConfigurationInvalid,
                       absl::StrCat(key, ": ", pattern,
                                    " may hold <category>, <type>, <version>, <stream>, <key> and "
                                    "<path>; "
                                    "it holds ",
                                    rest.substr(begin, name.size() + 2)));
    }
    parsed.parts_.push_back(std::move(part));
    rest.remove_prefix(end + 1);
  }
}

std::string AddressPattern::ValueOf(Field field, const OutboundEvent& event) {
  switch (field) {
    case Field::kNone:
      return "";
    case Field::kCategory:
      return std::string(StreamName::CategoryOf(event.event->stream));
    case Field::kType:
      return std::string(event.event->type);
    case Field::kVersion:
      return absl::StrCat(event.event->schema_version);
    case Field::kStream:
      return std::string(event.event->stream);
    case Field::kKey:
      return std::string(event.key.empty() ? event.event->stream : event.key);
    case Field::kPath:
      return event.critical ? "critical" : "standard";
  }
  return "";
}

std::string AddressPattern::For(const OutboundEvent& event) const {
  std::string address;
  for (const Part& part : parts_) {
    address += part.text;
    if (part.field != Field::kNone) AppendWord(address, ValueOf(part.field, event));
  }
  return address;
}

std::string AddressPattern::WithFieldsAs(absl::string_view wildcard) const {
  std::string address;
  for (const Part& part : parts_) {
    absl::StrAppend(&address, part.text, part.field != Field::kNone ? wildcard : "");
  }
  return address;
}

}  // namespace nexus::sink
