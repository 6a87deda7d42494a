#include "http/http_server.h"

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "fake/recording_metrics.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "http/raw_connection.h"
#include "nexus/core/errors.h"

namespace nexus::http {
namespace {

using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

constexpr char kEnd[] = "\r\n\r\n";

class HttpServerTest : public ::testing::Test {
 protected:
  void Start(HttpServerOptions options = {}) {
    options.address = "127.0.0.1:0";
    std::vector<Route> routes;
    routes.push_back({"/hello", [](const Request&) {
                        Response response;
                        response.body = "hello\n";
                        return response;
                      }});
    routes.push_back({"/echo", [](const Request& request) {
                        return Response{203, "text/html", request.path + "|" + request.query};
                      }});
    routes.push_back({"/large", [](const Request&) {
                        return Response{200, "text/plain", std::string(8 << 20, 'x')};
                      }});
    std::vector<Area> areas;
    areas.push_back(
        {"/area", 8, [this](Request request, Reply reply) {
           requests_.push_back(std::move(request));
           if (later_) {
             replies_.push_back(std::move(reply));
             asked_.Notify();
           } else {
             reply({201, "text/plain", requests_.back().method + requests_.back().body});
           }
         }});
    auto server = HttpServer::Start(options, std::move(routes), std::move(areas), metrics_);
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
  }
  RawConnection Connect() { return RawConnection(server_->address()); }
  // One request on a connection of its own; the whole answer.
  std::string Ask(const std::string& request) {
    RawConnection connection = Connect();
    connection.Send(request);
    return connection.ReadAll();
  }
  std::string Get(const std::string& target) {
    return Ask(absl::StrCat("GET ", target, " HTTP/1.1\r\nHost: a\r\nConnection: close", kEnd));
  }
  // Waits until the gauge of open connections has this value.
  bool WaitForConnections(double count) {
    absl::Mutex mutex;
    absl::MutexLock lock(&mutex);
    absl::CondVar never;
    for (int i = 0; i < 3'000; ++i) {
      if (metrics_.Value("nexus_http_connections") == count) return true;
      never.WaitWithTimeout(&mutex, absl::Milliseconds(10));
    }
    return false;
  }

  fake::RecordingMetrics metrics_;
  bool later_ = false;
  std::vector<Request> requests_;
  std::vector<Reply> replies_;
  absl::Notification asked_;
  std::unique_ptr<HttpServer> server_;
};

TEST_F(HttpServerTest, AnswersAGet) {
  Start();
  EXPECT_THAT(Get("/hello"),
              AllOf(StartsWith("HTTP/1.1 200 OK\r\n"), HasSubstr("Content-Length: 6\r\n"),
                    HasSubstr("Content-Type: text/plain"), EndsWith("\r\n\r\nhello\n")));
}

TEST_F(HttpServerTest, GivesPathAndQueryApart) {
  Start();
  EXPECT_THAT(Get("/echo?a=1&b"), AllOf(StartsWith("HTTP/1.1 203 "), EndsWith("/echo|a=1&b")));
  EXPECT_THAT(Get("/echo?"), EndsWith("/echo|"));
}

TEST_F(HttpServerTest, AnswersAHeadWithoutABody) {
  Start();
  EXPECT_THAT(
      Ask(absl::StrCat("HEAD /hello HTTP/1.1\r\nHost: a\r\nConnection: close", kEnd)),
      AllOf(StartsWith("HTTP/1.1 200 OK\r\n"), HasSubstr("Content-Length: 6\r\n"), EndsWith(kEnd)));
}

TEST_F(HttpServerTest, SaysThatNothingIsThere) {
  Start();
  EXPECT_THAT(Get("/absent"), StartsWith("HTTP/1.1 404 Not Found\r\n"));
  EXPECT_THAT(Get("/hello/"), StartsWith("HTTP/1.1 404 "));
  EXPECT_THAT(Get("//hello"), StartsWith("HTTP/1.1 404 "));
  EXPECT_THAT(Get("/../hello"), StartsWith("HTTP/1.1 404 "));
}

TEST_F(HttpServerTest, AnswersNoOtherMethod) {
  Start();
  for (const char* method : {"POST", "PUT", "DELETE", "OPTIONS", "TRACE", "BREW"}) {
    EXPECT_THAT(Ask(absl::StrCat(method, " /hello HTTP/1.1\r\nHost: a", kEnd)),
                AllOf(StartsWith("HTTP/1.1 405 "), HasSubstr("Allow: GET, HEAD\r\n")))
        << method;
  }
}

TEST_F(HttpServerTest, RefusesABody) {
  Start();
  EXPECT_THAT(Ask(absl::StrCat("POST /hello HTTP/1.1\r\nContent-Length: 5", kEnd, "hello")),
              StartsWith("HTTP/1.1 413 "));
  EXPECT_THAT(Ask(absl::StrCat("GET /hello HTTP/1.1\r\nContent-Length: 99999999999", kEnd)),
              StartsWith("HTTP/1.1 413 "));
  EXPECT_THAT(Ask(absl::StrCat("GET /hello HTTP/1.1\r\nTransfer-Encoding: chunked", kEnd,
                               "5\r\nhello\r\n0\r\n\r\n")),
              StartsWith("HTTP/1.1 413 "));
}

TEST_F(HttpServerTest, AnAreaTakesEveryMethodAndABody) {
  Start();
  EXPECT_THAT(Ask(absl::StrCat("PUT /area/a%2Fb?c=d HTTP/1.1\r\nX-Name: Value\r\nConnection: close",
                               "\r\nContent-Length: 5", kEnd, "hello")),
              AllOf(StartsWith("HTTP/1.1 201 "), EndsWith("PUThello")));
  ASSERT_EQ(requests_.size(), 1u);
  EXPECT_EQ(requests_[0].path, "/area/a%2Fb");
  EXPECT_EQ(requests_[0].query, "c=d");
  EXPECT_EQ(requests_[0].headers.at("x-name"), "Value");
  EXPECT_THAT(Get("/area"), AllOf(StartsWith("HTTP/1.1 201 "), EndsWith("GET")));
  EXPECT_THAT(Get("/areas"), StartsWith("HTTP/1.1 404 "));
}

TEST_F(HttpServerTest, AnAreaRefusesALargerBody) {
  Start();
  EXPECT_THAT(Ask(absl::StrCat("POST /area HTTP/1.1\r\nContent-Length: 9", kEnd, "123456789")),
              StartsWith("HTTP/1.1 413 "));
  EXPECT_THAT(Ask(absl::StrCat("POST /area HTTP/1.1\r\nTransfer-Encoding: chunked", kEnd,
                               "9\r\n123456789\r\n0\r\n\r\n")),
              StartsWith("HTTP/1.1 413 "));
  EXPECT_TRUE(requests_.empty());
}

TEST_F(HttpServerTest, AnAnswerMayComeLaterFromAnotherThread) {
  later_ = true;
  Start();
  RawConnection connection = Connect();
  connection.Send(absl::StrCat("GET /area HTTP/1.1\r\nHost: a\r\nConnection: close", kEnd));
  asked_.WaitForNotification();
  std::thread([this] { replies_[0]({200, "text/plain", "late"}); }).join();
  EXPECT_THAT(connection.ReadAll(), EndsWith("late"));
}

TEST_F(HttpServerTest, AnAnswerThatComesAfterTheEndIsForNobody) {
  later_ = true;
  Start();
  RawConnection connection = Connect();
  connection.Send(absl::StrCat("GET /area HTTP/1.1\r\nHost: a", kEnd));
  asked_.WaitForNotification();
  server_.reset();
  EXPECT_EQ(connection.ReadAll(), "");
  replies_[0]({200, "text/plain", "late"});
}

TEST_F(HttpServerTest, RefusesWhatIsNoHttp) {
  Start();
  EXPECT_THAT(Ask("garbage\r\n\r\n"), StartsWith("HTTP/1.1 400 "));
  EXPECT_THAT(Ask(absl::StrCat("GET  /hello HTTP/1.1", kEnd)), StartsWith("HTTP/1.1 400 "));
  EXPECT_THAT(Ask(absl::StrCat("GET /hello HTTP/x", kEnd)), StartsWith("HTTP/1.1 400 "));
  EXPECT_THAT(Ask(absl::StrCat("GET /hel lo HTTP/1.1", kEnd)), StartsWith("HTTP/1.1 400 "));
  EXPECT_THAT(Ask(absl::StrCat("GET /hello HTTP/1.1\r\nno colon", kEnd)),
              StartsWith("HTTP/1.1 400 "));
  EXPECT_THAT(Ask(absl::StrCat("GET /hello HTTP/1.1\r\nContent-Length: -1", kEnd)),
              StartsWith("HTTP/1.1 400 "));
  EXPECT_THAT(Ask(std::string("\x16\x03\x01\x02\0\x01\0\x01\xFC\x03\x03\r\n\r\n", 15)),
              StartsWith("HTTP/1.1 400 "))
      << "a TLS greeting";
}

TEST_F(HttpServerTest, RefusesAnotherVersion) {
  Start();
  EXPECT_THAT(Ask(absl::StrCat("GET /hello HTTP/9.9\r\nHost: a", kEnd)),
              AnyOf(StartsWith("HTTP/1.1 505 "), StartsWith("HTTP/1.1 400 ")));
  EXPECT_THAT(Ask("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
              AnyOf(StartsWith("HTTP/1.1 505 "), StartsWith("HTTP/1.1 400 ")));
}

TEST_F(HttpServerTest, RefusesAHugeHeader) {
  Start();
  RawConnection connection = Connect();
  connection.Send(absl::StrCat("GET /hello HTTP/1.1\r\nX: ", std::string(100'000, 'x'), kEnd));
  EXPECT_THAT(connection.ReadAll(), StartsWith("HTTP/1.1 431 "));
}

TEST_F(HttpServerTest, RefusesAHugeTarget) {
  Start();
  EXPECT_THAT(Get(absl::StrCat("/", std::string(9'000, 'x'))), StartsWith("HTTP/1.1 431 "));
}

TEST_F(HttpServerTest, EndsAClientThatNeverStopsSending) {
  Start();
  RawConnection connection = Connect();
  const std::string header = absl::StrCat("X: ", std::string(60'000, 'x'), "\r\n");
  connection.Send("GET / HTTP/1.1\r\n");
  int sent = 0;
  while (sent < 10'000 && connection.Send(header)) ++sent;
  EXPECT_LT(sent, 10'000);
}

TEST_F(HttpServerTest, KeepsTheConnectionForTheNextRequest) {
  Start();
  RawConnection connection = Connect();
  for (int i = 0; i < 100; ++i) {
    connection.Send(absl::StrCat("GET /hello HTTP/1.1\r\nHost: a", kEnd));
    ASSERT_THAT(connection.ReadThrough("hello\n"), StartsWith("HTTP/1.1 200 "));
  }
}

TEST_F(HttpServerTest, AnswersPipelinedRequestsInTheirOrder) {
  Start();
  RawConnection connection = Connect();
  std::string requests;
  for (int i = 0; i < 50; ++i) absl::StrAppend(&requests, "GET /echo?n=", i, "; HTTP/1.1", kEnd);
  connection.Send(requests);
  for (int i = 0; i < 50; ++i) {
    ASSERT_THAT(connection.ReadThrough(";"), EndsWith(absl::StrCat("/echo|n=", i, ";")));
  }
}

TEST_F(HttpServerTest, ClosesWhenTheClientWishesIt) {
  Start();
  EXPECT_THAT(Get("/hello"), HasSubstr("Connection: close\r\n"));
  EXPECT_THAT(Ask(absl::StrCat("GET /hello HTTP/1.0", kEnd)), EndsWith("hello\n"));
}

TEST_F(HttpServerTest, AnswersARequestThatComesByteByByte) {
  Start();
  RawConnection connection = Connect();
  for (const char c : absl::StrCat("GET /hello HTTP/1.1\r\nConnection: close", kEnd)) {
    ASSERT_TRUE(connection.Send(std::string(1, c)));
  }
  EXPECT_THAT(connection.ReadAll(), EndsWith("hello\n"));
}

TEST_F(HttpServerTest, AnswersAClientThatHasFinishedSending) {
  Start();
  RawConnection connection = Connect();
  connection.Send(absl::StrCat("GET /hello HTTP/1.1\r\nConnection: close", kEnd));
  connection.FinishSending();
  EXPECT_THAT(connection.ReadAll(), EndsWith("hello\n"));
}

TEST_F(HttpServerTest, ClosesOnASlowClient) {
  Start({.request_timeout = absl::Milliseconds(200)});
  RawConnection connection = Connect();
  connection.Send("GET /hello HTTP/1.1\r\n");
  // A byte now and then does not keep it open: the time is for the whole header.
  std::atomic<bool> closed{false};
  std::thread dripping([&] {
    absl::Mutex mutex;
    absl::MutexLock lock(&mutex);
    absl::CondVar never;
    while (!closed && connection.Send("x")) never.WaitWithTimeout(&mutex, absl::Milliseconds(20));
  });
  EXPECT_EQ(connection.ReadAll(), "");
  closed = true;
  dripping.join();
}

TEST_F(HttpServerTest, ClosesOnAnIdleClient) {
  Start({.request_timeout = absl::Milliseconds(50)});
  EXPECT_EQ(Connect().ReadAll(), "");
  EXPECT_TRUE(WaitForConnections(0));
}

TEST_F(HttpServerTest, ClosesOnAClientThatDoesNotReadItsAnswer) {
  Start({.request_timeout = absl::Milliseconds(100)});
  RawConnection connection = Connect();
  connection.Send(absl::StrCat("GET /large HTTP/1.1", kEnd));
  EXPECT_TRUE(WaitForConnections(0));
}

TEST_F(HttpServerTest, SendsALargeAnswerWhole) {
  Start();
  const std::string answer = Get("/large");
  EXPECT_GT(answer.size(), 8u << 20);
  EXPECT_THAT(answer.substr(0, 20), StartsWith("HTTP/1.1 200 "));
}

TEST_F(HttpServerTest, TakesNoMoreConnectionsThanItMay) {
  Start({.connections_max = 2});
  RawConnection first = Connect();
  RawConnection second = Connect();
  ASSERT_TRUE(WaitForConnections(2));
  EXPECT_THAT(Connect().ReadAll(), StartsWith("HTTP/1.1 503 "));
}

TEST_F(HttpServerTest, TakesConnectionsAgainWhenOthersHaveGone) {
  Start({.connections_max = 1});
  {
    RawConnection first = Connect();
    ASSERT_TRUE(WaitForConnections(1));
  }
  ASSERT_TRUE(WaitForConnections(0));
  EXPECT_THAT(Get("/hello"), EndsWith("hello\n"));
}

TEST_F(HttpServerTest, ServesManyConnectionsAtOnce) {
  Start({.connections_max = 200});
  std::vector<RawConnection> open;
  for (int i = 0; i < 200; ++i) open.push_back(Connect());
  for (RawConnection& connection : open) {
    connection.Send(absl::StrCat("GET /hello HTTP/1.1\r\nConnection: close", kEnd));
  }
  for (RawConnection& connection : open) ASSERT_THAT(connection.ReadAll(), EndsWith("hello\n"));
}

TEST_F(HttpServerTest, SurvivesClientsThatGoAway) {
  Start();
  for (int i = 0; i < 100; ++i) {
    RawConnection connection = Connect();
    connection.Send("GET /large HTTP/1.1\r\n\r\n");
  }
  EXPECT_THAT(Get("/hello"), EndsWith("hello\n"));
}

TEST_F(HttpServerTest, CountsWhatItAnswered) {
  Start();
  Get("/hello");
  Get("/hello");
  Get("/absent");
  Ask("garbage\r\n\r\n");
  EXPECT_EQ(metrics_.Value("nexus_http_requests_total{path=/hello,status=2xx}"), 2);
  EXPECT_EQ(metrics_.Value("nexus_http_requests_total{path=other,status=4xx}"), 2);
}

TEST_F(HttpServerTest, StopsWithConnectionsOpen) {
  Start();
  RawConnection idle = Connect();
  RawConnection half = Connect();
  half.Send("GET /hel");
  RawConnection busy = Connect();
  busy.Send(absl::StrCat("GET /large HTTP/1.1", kEnd));
  ASSERT_TRUE(WaitForConnections(3));
  server_->Stop();
  EXPECT_EQ(idle.ReadAll(), "");
  EXPECT_EQ(half.ReadAll(), "");
  EXPECT_EQ(metrics_.Value("nexus_http_connections"), 0);
}

TEST_F(HttpServerTest, TakesNoConnectionAfterStop) {
  Start();
  server_->Stop();
  server_->Stop();
  EXPECT_FALSE(Connect().connected());
}

TEST_F(HttpServerTest, CanListenAgainOnAPortThatWasUsed) {
  Start();
  const std::string address = server_->address();
  Get("/hello");
  server_.reset();
  HttpServerOptions options;
  options.address = address;
  EXPECT_TRUE(HttpServer::Start(options, {}, {}, metrics_).ok());
}

TEST_F(HttpServerTest, TellsThePortInUse) {
  Start();
  EXPECT_THAT(server_->address(), AllOf(StartsWith("127.0.0.1:"), Not(EndsWith(":0"))));
}

TEST_F(HttpServerTest, ListensOnANameAndOnIpv6) {
  HttpServerOptions options;
  options.address = "localhost:0";
  EXPECT_TRUE(HttpServer::Start(options, {}, {}, metrics_).ok());
  options.address = "[::1]:0";
  const auto six = HttpServer::Start(options, {}, {}, metrics_);
  if (!six.ok()) GTEST_SKIP() << "no IPv6 here: " << six.status();
  EXPECT_THAT((*six)->address(), StartsWith("[::1]:"));
}

TEST_F(HttpServerTest, SaysWhyItCannotListen) {
  Start();
  for (const std::string& address :
       {server_->address(), std::string("nonsense"), std::string(":1"),
        std::string("localhost:http"), std::string("localhost:99999"), std::string("192.0.2.1:0"),
        std::string("no.such.host.invalid:0")}) {
    HttpServerOptions options;
    options.address = address;
    const auto other = HttpServer::Start(options, {}, {}, metrics_);
    ASSERT_FALSE(other.ok()) << address;
    EXPECT_EQ(ReasonOf(other.status()), ErrorReason::kConfigurationInvalid);
    EXPECT_THAT(std::string(other.status().message()), HasSubstr(address));
  }
}

}  // namespace
}  // namespace nexus::http
