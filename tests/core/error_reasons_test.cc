// The reasons in C++ and in the contract are one list: same names, same numbers, same codes.

#include <google/protobuf/descriptor.h>

#include <map>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "nexus/core/errors.h"
#include "nexus/v1/errors.pb.h"

namespace nexus {
namespace {

const google::protobuf::EnumDescriptor& Contract() { return *v1::ErrorReason_descriptor(); }

std::string CodeName(absl::StatusCode code) { return absl::StatusCodeToString(code); }

TEST(ErrorReasons, HaveTheNamesOfTheContract) {
  for (int i = 0; i < Contract().value_count(); ++i) {
    const auto& value = *Contract().value(i);
    EXPECT_EQ(absl::StrCat("ERROR_REASON_", ReasonName(static_cast<ErrorReason>(value.number()))),
              value.name());
  }
}

TEST(ErrorReasons, HaveNoNumberThatTheContractLacks) {
  for (int number = 1; number < 1'000; ++number) {
    const bool known = ReasonName(static_cast<ErrorReason>(number)) != "UNSPECIFIED";
    EXPECT_EQ(known, Contract().FindValueByNumber(number) != nullptr) << number;
  }
}

TEST(ErrorReasons, HaveTheCodesOfTheContract) {
  for (int i = 0; i < Contract().value_count(); ++i) {
    const auto& value = *Contract().value(i);
    const auto reason = static_cast<ErrorReason>(value.number());
    if (reason == ErrorReason::kUnspecified) continue;
    // src/rpc turns these codes into another on the wire: there, ABORTED invites blind retries.
    if (reason == ErrorReason::kRevisionConflict) continue;
    if (reason == ErrorReason::kAppendConditionFailed) continue;
    EXPECT_EQ(CodeName(CodeOf(reason)), value.options().GetExtension(v1::traits).code())
        << value.name();
  }
}

TEST(ErrorReasons, SayThatEveryUnavailableOneIsRetriable) {
  for (int i = 0; i < Contract().value_count(); ++i) {
    const auto traits = Contract().value(i)->options().GetExtension(v1::traits);
    if (traits.code() == "UNAVAILABLE") {
      EXPECT_TRUE(traits.retriable()) << Contract().value(i)->name();
    }
  }
}

TEST(ErrorReasons, AreShortEnoughForErrorInfo) {
  for (int i = 0; i < Contract().value_count(); ++i) {
    const absl::string_view name =
        ReasonName(static_cast<ErrorReason>(Contract().value(i)->number()));
    EXPECT_LE(name.size(), 63u);
  }
}

}  // namespace
}  // namespace nexus
