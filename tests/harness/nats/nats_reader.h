#pragma once

// A client of JetStream for tests: makes streams, and reads what they hold.

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

struct __natsConnection;
struct __jsCtx;

namespace nexus::harness {

struct NatsRecord {
  std::string subject;
  std::string data;
  uint64_t sequence = 0;
  std::map<std::string, std::string> headers;
};

struct NatsStream {
  std::string name = {};
  std::vector<std::string> subjects = {};
  int64_t max_messages = -1;
  int64_t max_bytes = -1;
  int32_t max_message_bytes = -1;
  bool no_ack = false;
};

// One connection. Not thread-safe.
class NatsReader {
 public:
  static absl::StatusOr<std::unique_ptr<NatsReader>> Connect(int port);
  ~NatsReader();

  absl::Status AddStream(const NatsStream& stream);
  // Its subjects, its limits: as `stream` has them now.
  absl::Status ChangeStream(const NatsStream& stream);
  absl::Status DeleteStream(const std::string& name);
  absl::Status PurgeStream(const std::string& name);
  // Without an acknowledgement.
  absl::Status Publish(const std::string& subject, const std::string& data);

  // What the stream holds, in order, once `enough` says so; kDeadlineExceeded with their number if
  // it does not within `timeout`.
  absl::StatusOr<std::vector<NatsRecord>> Read(
      const std::string& stream, absl::FunctionRef<bool(const std::vector<NatsRecord>&)> enough,
      absl::Duration timeout);

  // Of the newest message; 0: there was none.
  absl::StatusOr<uint64_t> LastSequence(const std::string& stream);

 private:
  NatsReader() = default;

  absl::Status Put(const NatsStream& stream, bool is_new);
  absl::StatusOr<NatsRecord> Get(const std::string& stream, uint64_t sequence);

  __natsConnection* connection_ = nullptr;
  __jsCtx* jetstream_ = nullptr;
};

}  // namespace nexus::harness
