#pragma once

// What every log must do: each case runs against the one in memory and the one on RocksDB.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "nexus/core/commit.h"
#include "nexus/core/errors.h"
#include "nexus/port/event_reader.h"
#include "nexus/port/log_backend.h"

namespace nexus::contract {

// A log with whatever it needs to live, such as a temporary folder.
class LogUnderTest {
 public:
  virtual ~LogUnderTest() = default;
  virtual LogBackend& log() = 0;
  virtual EventReader& reader() = 0;
};

struct LogKind {
  std::string name;
  std::function<std::unique_ptr<LogUnderTest>()> make;
};
inline void PrintTo(const LogKind& kind, std::ostream* out) { *out << kind.name; }

std::unique_ptr<LogUnderTest> MakeMemoryLog();
std::unique_ptr<LogUnderTest> MakeRocksLog();

// Builds commits with little ink: CommitOf(7).Stream("a").Event("a", "text").
class CommitOf {
 public:
  explicit CommitOf(uint64_t id);

  CommitOf& Stream(const std::string& name, ExpectedRevision expected = ExpectedRevision::Any());
  // Adds the stream if it is not named yet.
  CommitOf& Event(const std::string& stream, const std::string& data);
  CommitOf& Events(const std::string& stream, size_t count);
  CommitOf& At(int64_t micros);
  CommitOf& Tenant(uint32_t tenant);

  operator Commit() const { return commit_; }  // NOLINT: reads better at the call

 private:
  uint32_t IndexOf(const std::string& name);

  Commit commit_;
};

// Proposes and waits for the answer.
absl::StatusOr<CommitReceipt> ProposeAndWait(LogBackend& log, Commit commit);

// One event in short: "3 order-1@0 text".
std::string ToText(const RecordedEvent& event);
std::vector<std::string> ToTexts(const EventBatch& batch);

class EventLogContract : public ::testing::TestWithParam<LogKind> {
 protected:
  EventLogContract() : under_test_(GetParam().make()) {}

  LogBackend& log() { return under_test_->log(); }
  EventReader& reader() { return under_test_->reader(); }

  absl::StatusOr<CommitReceipt> Propose(const Commit& commit) {
    return ProposeAndWait(log(), commit);
  }
  // The reason of the answer; kUnspecified if it was accepted.
  ErrorReason ReasonFor(const Commit& commit) { return ReasonOf(Propose(commit).status()); }
  // The whole log, read in one page.
  std::vector<std::string> All();
  std::vector<std::string> InStream(const std::string& name);

 private:
  std::unique_ptr<LogUnderTest> under_test_;
};

}  // namespace nexus::contract
