#include "temporal/continuation.h"

#include <string>

#include "absl/strings/escaping.h"
#include "gtest/gtest.h"
#include "nexus/core/errors.h"
#include "nexus/core/system_secrets.h"

namespace nexus::temporal {
namespace {

PastProgress SomeProgress() {
  PastProgress progress;
  progress.from = PastBound{Position(7), Revision(2), Timestamp{70}};
  progress.to = PastBound{Position(90), std::nullopt, Timestamp{900}};
  progress.last = PastEvent{Revision(5), Position(12), Timestamp{120}};
  progress.state = R"({"a":1})";
  progress.from_reached = true;
  progress.from_event = PastEvent{Revision(2), Position(7), Timestamp{-70}};
  progress.from_state = "{}";
  progress.events_between = 3;
  progress.snapshot_revision = Revision(1);
  return progress;
}

class ContinuationsTest : public ::testing::Test {
 protected:
  ErrorReason Refusal(const std::string& text, const std::string& owner = "ann") {
    return ReasonOf(continuations_.Open(text, owner).status());
  }

  SystemSecrets secrets_;
  Continuations continuations_{secrets_};
};

TEST_F(ContinuationsTest, GiveBackWhatWasSealed) {
  const std::string sealed = *continuations_.Seal(SomeProgress(), "ann");
  EXPECT_EQ(*continuations_.Open(sealed, "ann"), SomeProgress());
  EXPECT_EQ(*continuations_.Open(*continuations_.Seal({}, ""), ""), PastProgress());
}

TEST_F(ContinuationsTest, AreNobodyElses) {
  const std::string sealed = *continuations_.Seal(SomeProgress(), "ann");
  EXPECT_EQ(Refusal(sealed, "bob"), ErrorReason::kMalformedPageToken);
  EXPECT_EQ(Refusal(sealed, ""), ErrorReason::kMalformedPageToken);
}

TEST_F(ContinuationsTest, TellIfOneByteIsAnother) {
  std::string bytes;
  ASSERT_TRUE(absl::WebSafeBase64Unescape(*continuations_.Seal(SomeProgress(), "ann"), &bytes));
  for (size_t i = 0; i < bytes.size(); ++i) {
    std::string changed = bytes;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    EXPECT_EQ(Refusal(absl::WebSafeBase64Escape(changed)), ErrorReason::kMalformedPageToken) << i;
  }
  EXPECT_EQ(Refusal(absl::WebSafeBase64Escape(bytes.substr(0, bytes.size() - 1))),
            ErrorReason::kMalformedPageToken);
}

TEST_F(ContinuationsTest, RefuseWhatIsNone) {
  for (const char* text : {"", "a", "%%%", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}) {
    EXPECT_EQ(Refusal(text), ErrorReason::kMalformedPageToken) << text;
  }
}

TEST_F(ContinuationsTest, EndWithTheProcess) {
  const std::string sealed = *continuations_.Seal(SomeProgress(), "ann");
  const Continuations others(secrets_);
  EXPECT_EQ(ReasonOf(others.Open(sealed, "ann").status()), ErrorReason::kMalformedPageToken);
}

TEST_F(ContinuationsTest, DoNotCarryAStateThatNoMessageHolds) {
  PastProgress progress = SomeProgress();
  progress.state.assign(3 << 20, 'x');
  EXPECT_EQ(ReasonOf(continuations_.Seal(progress, "ann").status()), ErrorReason::kLimitExceeded);
}

}  // namespace
}  // namespace nexus::temporal
