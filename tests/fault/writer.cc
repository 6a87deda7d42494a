#include "fault/writer.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "fault/broker.h"

namespace nexus::fault {
namespace {

constexpr uint64_t kStreams = 24;
constexpr uint64_t kEventsMax = 8;  // of one append
constexpr uint64_t kPoisonOneIn = 400;
// Between two appends: the brokers of these tests share two cores with all else.
constexpr absl::Duration kPace = absl::Milliseconds(8);

}  // namespace

Writer::Writer(uint64_t seed) : random_(seed), thread_([this] { Work(); }) {}

Writer::~Writer() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  thread_.join();
}

void Writer::GoOn(std::shared_ptr<v1::EventStoreService::Stub> stub) {
  absl::MutexLock lock(&mutex_);
  stub_ = std::move(stub);
}

void Writer::Pause() {
  absl::MutexLock lock(&mutex_);
  stub_ = nullptr;
  const auto quiet = [this] {
    mutex_.AssertHeld();
    return !busy_;
  };
  mutex_.Await(absl::Condition(&quiet));
}

uint64_t Writer::stored() {
  absl::MutexLock lock(&mutex_);
  return count_;
}

std::vector<std::string> Writer::TakeStored() {
  absl::MutexLock lock(&mutex_);
  return std::exchange(stored_, {});
}

std::string Writer::error() {
  absl::MutexLock lock(&mutex_);
  return error_;
}

v1::AppendRequest Writer::Next() {
  v1::AppendRequest request;
  v1::StreamAppend& append = *request.add_streams();
  append.set_stream(absl::StrCat("fault-", random_() % kStreams));
  append.mutable_expected_revision()->mutable_any();
  for (uint64_t n = 1 + random_() % kEventsMax; n > 0; --n) {
    v1::NewEvent& event = *append.add_events();
    event.set_event_id(absl::StrFormat("%08x-%04x-4%03x-8%03x-%012x", random_() & 0xffffffff,
                                       random_() & 0xffff, random_() & 0xfff, random_() & 0xfff,
                                       random_() & 0xffffffffffff));
    event.set_type("order.placed");
    const bool poison = random_() % kPoisonOneIn == 0;
    event.set_data(absl::StrCat(R"({"total": 5, "note": ")",
                                std::string(poison ? kPoisonBytes + 1'000 : 100, 'x'), R"("})"));
  }
  return request;
}

void Writer::Note(const v1::AppendRequest& request, const grpc::Status& status) {
  absl::MutexLock lock(&mutex_);
  busy_ = false;
  if (status.ok()) {
    for (const v1::NewEvent& event : request.streams(0).events()) {
      stored_.push_back(event.event_id());
      ++count_;
    }
  } else if (status.error_code() != grpc::StatusCode::UNAVAILABLE && error_.empty()) {
    error_ = status.error_message();
  }
  // A server that is gone may have stored it or not: the log will tell.
}

void Writer::Work() {
  while (true) {
    std::shared_ptr<v1::EventStoreService::Stub> stub;
    {
      absl::MutexLock lock(&mutex_);
      mutex_.AwaitWithTimeout(absl::Condition(&stopping_), kPace);
      const auto awake = [this] {
        mutex_.AssertHeld();
        return stopping_ || stub_ != nullptr;
      };
      mutex_.Await(absl::Condition(&awake));
      if (stopping_) return;
      stub = stub_;
      busy_ = true;
    }
    const v1::AppendRequest request = Next();
    grpc::ClientContext context;
    context.set_deadline(absl::ToChronoTime(absl::Now() + absl::Seconds(60)));
    v1::AppendResponse response;
    Note(request, stub->Append(&context, request, &response));
  }
}

}  // namespace nexus::fault
