#include "route/cloud_record.h"

#include "absl/strings/numbers.h"

namespace nexus::route {

void CloudRecord::Take(absl::string_view attribute, absl::string_view value) {
  uint64_t number = 0;
  if (attribute == "id") {
    id_ = EventId::Parse(value).value_or(EventId());
  } else if (attribute == "subject") {
    stream_ = std::string(value);
  } else if (attribute == "sequence" && absl::SimpleAtoi(value, &number)) {
    revision_ = Revision(number);
  } else if (attribute == "nexusposition" && absl::SimpleAtoi(value, &number)) {
    position_ = Position(number);
  }
}

void CloudRecord::TakeJson(absl::string_view text, JsonReader& json) {
  const auto members = json.ReadObject(text);
  if (!members.ok()) return;
  for (const char* name : {"id", "subject", "sequence", "nexusposition"}) {
    const auto found = members->find(name);
    if (found != members->end() && found->second.is_string) Take(name, found->second.text);
  }
}

void CloudRecord::Fill(BrokerRecord& record) const {
  record.id = id_;
  record.position = position_;
  record.revision = revision_;
  record.stream = stream_;
}

}  // namespace nexus::route
