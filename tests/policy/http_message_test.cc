#include "policy/opa/http_message.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace nexus::policy {
namespace {

constexpr char kChunked[] =
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    "4;x=y\r\nab\r\n\r\nA\r\n0123456789\r\n0\r\nTrailer: t\r\n\r\n";

absl::Status FeedAll(const std::string& bytes, size_t body_bytes_max = 1000) {
  HttpResponseReader reader(body_bytes_max);
  absl::Status status = reader.Feed(bytes);
  if (status.ok() && !reader.done()) return absl::OutOfRangeError("more is needed");
  return status;
}

bool IsRefused(const std::string& bytes) { return absl::IsInternal(FeedAll(bytes)); }

TEST(HttpRequest, IsWhatAServerExpects) {
  EXPECT_EQ(FormatRequest({"POST", "/v1/data", "localhost", "application/json", "{}"}),
            "POST /v1/data HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            "Content-Length: 2\r\n\r\n{}");
  EXPECT_EQ(FormatRequest({"GET", "/health", "localhost", "", ""}),
            "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n");
}

TEST(HttpResponse, WithALengthIsReadByteByByte) {
  const std::string bytes = "HTTP/1.1 200 OK\r\ncontent-length:  5 \r\nX: y\r\n\r\nhello";
  HttpResponseReader reader(5);
  for (const char c : bytes) {
    EXPECT_FALSE(reader.done());
    ASSERT_TRUE(reader.Feed({&c, 1}).ok());
  }
  EXPECT_TRUE(reader.done());
  EXPECT_EQ(reader.code(), 200);
  EXPECT_EQ(reader.body(), "hello");
  EXPECT_TRUE(reader.keep_alive());
}

TEST(HttpResponse, InChunksIsReadByteByByte) {
  HttpResponseReader reader(100);
  for (const char c : std::string(kChunked)) ASSERT_TRUE(reader.Feed({&c, 1}).ok());
  EXPECT_TRUE(reader.done());
  EXPECT_EQ(reader.body(), "ab\r\n0123456789");
}

TEST(HttpResponse, InChunksIsReadAtOnce) {
  HttpResponseReader reader(100);
  ASSERT_TRUE(reader.Feed(kChunked).ok());
  EXPECT_TRUE(reader.done());
  EXPECT_EQ(reader.body(), "ab\r\n0123456789");
}

TEST(HttpResponse, IsNotDoneWhileTruncated) {
  const std::string whole = kChunked;
  for (size_t n = 0; n < whole.size(); ++n) {
    EXPECT_TRUE(absl::IsOutOfRange(FeedAll(whole.substr(0, n)))) << n;
  }
}

TEST(HttpResponse, FollowsAnotherOnTheSameConnection) {
  HttpResponseReader reader(100);
  ASSERT_TRUE(
      reader.Feed("HTTP/1.1 500 Oh\r\nConnection: close\r\nContent-Length: 1\r\n\r\nx").ok());
  EXPECT_FALSE(reader.keep_alive());
  reader.Reset();
  EXPECT_FALSE(reader.started());
  ASSERT_TRUE(reader.Feed("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").ok());
  EXPECT_TRUE(reader.done());
  EXPECT_TRUE(reader.keep_alive());
  EXPECT_EQ(reader.body(), "");
}

TEST(HttpResponse, MayHaveNoBody) { EXPECT_TRUE(FeedAll("HTTP/1.1 204 No Content\r\n\r\n").ok()); }

TEST(HttpResponse, OfVersion10EndsItsConnection) {
  HttpResponseReader reader(100);
  ASSERT_TRUE(reader.Feed("HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n").ok());
  EXPECT_FALSE(reader.keep_alive());
}

TEST(HttpResponse, IsRefusedIfItsStatusLineIsNone) {
  for (const char* line : {"garbage", "HTTP/2 200 OK", "HTTP/1.1 abc OK", "HTTP/1.1 99", "HTTP/1.1",
                           "HTTP/1.1 100 Continue", "HTTP/1.1 999 x"}) {
    EXPECT_TRUE(IsRefused(absl::StrCat(line, "\r\nContent-Length: 0\r\n\r\n"))) << line;
  }
}

TEST(HttpResponse, IsRefusedIfItsHeadersAreNone) {
  for (const char* header :
       {"no colon", "Content-Length: x", "Content-Length: -1", "Content-Length: 1001",
        "Content-Length: 1\r\nContent-Length: 1", "Content-Length: 1\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding: gzip", "X: only the end of the connection delimits it"}) {
    EXPECT_TRUE(IsRefused(absl::StrCat("HTTP/1.1 200 OK\r\n", header, "\r\n\r\nx"))) << header;
  }
}

TEST(HttpResponse, IsRefusedIfItsChunksAreNone) {
  for (const char* chunks : {"x\r\n", "\r\n", "3E9\r\n", "ffffffffffffffff\r\n", "2\r\nabc\r\n"}) {
    EXPECT_TRUE(
        IsRefused(absl::StrCat("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", chunks)))
        << chunks;
  }
}

TEST(HttpResponse, IsRefusedIfChunksAddUpToTooMuch) {
  const std::string chunk = absl::StrCat("1f4\r\n", std::string(500, 'x'), "\r\n");
  EXPECT_TRUE(IsRefused(absl::StrCat("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", chunk,
                                     chunk, "1\r\n")));
}

TEST(HttpResponse, IsRefusedIfItsHeadNeverEnds) {
  EXPECT_TRUE(IsRefused(std::string(20'000, 'x')));
  EXPECT_TRUE(IsRefused(absl::StrCat("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
                                     std::string(2'000, '0'))));
}

TEST(HttpResponse, IsRefusedIfMoreFollows) {
  EXPECT_TRUE(IsRefused("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nxy"));
}

}  // namespace
}  // namespace nexus::policy
