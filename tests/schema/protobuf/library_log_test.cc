#include "schema/protobuf/library_log.h"

#include <google/protobuf/stubs/logging.h>

#include <string>

#include "gtest/gtest.h"

namespace nexus::schema {
namespace {

// What libprotobuf writes to standard error when it has something to say.
std::string Written() {
  ::testing::internal::CaptureStderr();
  GOOGLE_LOG(ERROR) << "what a client sent";
  return ::testing::internal::GetCapturedStderr();
}

TEST(LibraryLog, IsSilentOnceItIsAskedToBe) {
  google::protobuf::LogHandler* const before = google::protobuf::SetLogHandler(nullptr);
  google::protobuf::SetLogHandler(before);
  EXPECT_NE(Written(), "");
  SilenceProtobufLog();
  EXPECT_EQ(Written(), "");
  google::protobuf::SetLogHandler(before);
  EXPECT_NE(Written(), "");
}

}  // namespace
}  // namespace nexus::schema
