#pragma once

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gtest/gtest.h"
#include "nexus/port/broker_reader.h"

namespace nexus::sink {

// All that `reader` gives of `parts`, a line each: "partition/number stream@revision position id".
inline std::vector<std::string> ReadBack(BrokerReader& reader,
                                         const std::vector<BrokerPart>& parts) {
  const absl::Status begun = reader.Begin(parts);
  EXPECT_TRUE(begun.ok()) << begun;
  std::vector<std::string> lines;
  const absl::Time deadline = absl::Now() + absl::Seconds(60);
  while (absl::Now() < deadline) {
    const auto all = reader.Read(absl::Milliseconds(100), [&](const BrokerRecord& record) {
      lines.push_back(absl::StrCat(record.partition, "/", record.number, " ", record.stream, "@",
                                   record.revision.value, " ", record.position.value, " ",
                                   record.id.IsNil() ? "nil" : record.id.ToString().substr(34)));
    });
    EXPECT_TRUE(all.ok()) << all.status();
    if (!all.ok() || *all) return lines;
  }
  ADD_FAILURE() << "it does not end";
  return lines;
}

// What is there in all.
inline std::vector<BrokerPart> PartsOf(BrokerReader& reader) {
  auto parts = reader.Parts(absl::Seconds(60));
  EXPECT_TRUE(parts.ok()) << parts.status();
  return parts.ok() ? *std::move(parts) : std::vector<BrokerPart>();
}

}  // namespace nexus::sink
