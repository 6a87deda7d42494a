#include "domain/book/domain_book.h"

#include <optional>

#include "absl/strings/match.h"
#include "fake/manual_clock.h"
#include "fake/manual_executor.h"
#include "fake/sequential_ids.h"
#include "gtest/gtest.h"
#include "nexus/core/errors.h"
#include "schema/json/simd_json_reader.h"
#include "storage/memory/memory_log.h"

namespace nexus::domain {
namespace {

DomainPackage Package(const std::string& name, const std::string& command,
                      const std::string& code = "1") {
  DomainPackage package;
  package.name = name;
  package.declarations = {
      {"thing.json", absl::StrCat(R"({"apiVersion":"nexus/v1","kind":"Aggregate",
        "metadata":{"name":")",
                                  name, R"("},"spec":{"script":"a.js","id":"/id","commands":[")",
                                  command, R"("],"events":["Done"]}})")}};
  package.files = {{"a.js", code}};
  return package;
}

class DomainBookTest : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(book_.Load().ok()); }

  static AdmissionStamp Stamp() {
    AdmissionStamp stamp;
    stamp.principal = "ann";
    return stamp;
  }
  absl::StatusOr<DomainRecord> Apply(DomainPackage package, DomainBook::Check check = nullptr) {
    auto event = std::make_shared<DomainEvent>();
    event->package = std::move(package);
    return Commit(book_.ApplyTogether(event, std::move(check), "ann"), *event);
  }
  absl::StatusOr<DomainRecord> Remove(const std::string& name) {
    auto event = std::make_shared<DomainEvent>();
    event->removed = true;
    event->package.name = name;
    return Commit(book_.RemoveTogether(event, "ann"), *event);
  }
  absl::StatusOr<DomainRecord> Commit(governance::JointPart part, const DomainEvent& event) {
    std::optional<governance::JointOutcome> answer;
    std::vector<governance::JointPart> parts;
    parts.push_back(std::move(part));
    governance::CommitTogether({log_, executor_, clock_, ids_}, std::move(parts), Stamp(),
                               [&](governance::JointOutcome outcome) { answer = outcome; });
    executor_.RunAll();
    if (!answer.has_value()) return absl::InternalError("no answer");
    if (!answer->ok()) return answer->status();
    return book_.Find(event.package.name, event.version);
  }

  fake::ManualClock clock_;
  fake::SequentialIds ids_;
  fake::ManualExecutor executor_;
  storage::MemoryLog log_;
  schema::SimdJsonReader json_;
  DomainBook book_{{log_, log_, json_, executor_, clock_, ids_}};
};

TEST_F(DomainBookTest, KnowsWhatWasApplied) {
  const auto record = Apply(Package("one", "Do"));
  ASSERT_TRUE(record.ok()) << record.status();
  EXPECT_EQ(record->version, 1u);
  EXPECT_EQ(record->principal, "ann");
  EXPECT_EQ(record->position, Position(1));
  ASSERT_NE(book_.Snapshot()->FindCommand("Do"), nullptr);
  EXPECT_EQ(book_.Snapshot()->FindCommand("Do")->domain_version, 1u);
}

TEST_F(DomainBookTest, LeavesNoEventOfWhatIsSoAlready) {
  ASSERT_TRUE(Apply(Package("one", "Do")).ok());
  const auto again = Apply(Package("one", "Do"));
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(again->version, 1u);
  EXPECT_EQ(log_.Head(), Position(1));
}

TEST_F(DomainBookTest, FindsEverythingAgainInTheLog) {
  ASSERT_TRUE(Apply(Package("one", "Do", "first\n\"quoted\"")).ok());
  ASSERT_TRUE(Apply(Package("one", "Do", "second")).ok());
  ASSERT_TRUE(Apply(Package("two", "Undo")).ok());
  ASSERT_TRUE(Remove("two").ok());
  DomainBook other({log_, log_, json_, executor_, clock_, ids_});
  ASSERT_TRUE(other.Load().ok());
  EXPECT_EQ(other.Snapshot()->domains().size(), 1u);
  EXPECT_EQ(other.Snapshot()->FindCommand("Undo"), nullptr);
  const std::vector<DomainRecord> history = other.History("one");
  ASSERT_EQ(history.size(), 2u);
  EXPECT_EQ(*history[0].package, Package("one", "Do", "first\n\"quoted\""));
  EXPECT_EQ(history[1].version, 2u);
  EXPECT_TRUE(other.History("two").back().removed);
}

TEST_F(DomainBookTest, RefusesWhatClashesWithAnotherDomain) {
  ASSERT_TRUE(Apply(Package("one", "Do")).ok());
  const absl::Status clash = Apply(Package("two", "Do")).status();
  EXPECT_EQ(ReasonOf(clash), ErrorReason::kMalformedRequest);
  EXPECT_EQ(log_.Head(), Position(1));
}

TEST_F(DomainBookTest, AsksWhoMayObject) {
  const auto refused = Apply(Package("one", "Do"), [](const DomainState& next) {
    EXPECT_NE(next.FindCommand("Do"), nullptr);
    return absl::FailedPreconditionError("not today");
  });
  EXPECT_EQ(refused.status().message(), "not today");
  EXPECT_EQ(log_.Head(), Position(0));
}

TEST_F(DomainBookTest, RemovesOnlyWhatIsThere) {
  EXPECT_EQ(ReasonOf(Remove("one").status()), ErrorReason::kNotFound);
  ASSERT_TRUE(Apply(Package("one", "Do")).ok());
  ASSERT_TRUE(Remove("one").ok());
  EXPECT_EQ(ReasonOf(Remove("one").status()), ErrorReason::kNotFound);
  const auto again = Apply(Package("one", "Do"));
  EXPECT_EQ(again->version, 3u);
}

TEST_F(DomainBookTest, RefusesHostilePackages) {
  for (const char* path : {"", "/a.js", "../a.js", "a/../b.js", "a//b.js", "a b.js", "a\\b.js"}) {
    DomainPackage package = Package("one", "Do");
    package.files.push_back({path, "x"});
    EXPECT_EQ(ReasonOf(Apply(package).status()), ErrorReason::kMalformedRequest) << path;
  }
  DomainPackage twice = Package("one", "Do");
  twice.files.push_back({"a.js", "x"});
  EXPECT_EQ(ReasonOf(Apply(twice).status()), ErrorReason::kMalformedRequest);
  EXPECT_EQ(ReasonOf(Apply(Package("One", "Do")).status()), ErrorReason::kMalformedName);
  EXPECT_EQ(ReasonOf(Apply(Package("one", "Do", std::string(600 << 10, 'x'))).status()),
            ErrorReason::kLimitExceeded);
  EXPECT_EQ(ReasonOf(Apply(Package("one", "Do", "\xff")).status()), ErrorReason::kInvalidUtf8);
  EXPECT_EQ(log_.Head(), Position(0));
}

TEST_F(DomainBookTest, SeesThatAStoredPackageWasChanged) {
  DomainEvent event;
  event.package = Package("one", "Do");
  event.version = 1;
  std::string data = EncodeDomainEvent(event);
  ASSERT_TRUE(DecodeDomainEvent(kDomainAppliedType, data, json_).ok());
  data.replace(data.find("\"text\":\"1\""), 10, "\"text\":\"2\"");
  EXPECT_EQ(ReasonOf(DecodeDomainEvent(kDomainAppliedType, data, json_).status()),
            ErrorReason::kDataLoss);
  EXPECT_EQ(ReasonOf(DecodeDomainEvent("$domain-moved", data, json_).status()),
            ErrorReason::kUnsupportedFormat);
}

}  // namespace
}  // namespace nexus::domain
