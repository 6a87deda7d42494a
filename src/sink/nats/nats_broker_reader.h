#pragma once

// NatsBrokerReader: what a stream of JetStream holds, by sequence. It asks through a consumer that
// the server forgets by itself, and takes nothing away.
//
// Not thread-safe.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "nexus/port/broker_reader.h"
#include "nexus/port/json_reader.h"
#include "sink/nats/nats_options.h"
#include "sink/nats/nats_session.h"

// Of the library.
struct __natsMsg;

namespace nexus::sink {

class NatsBrokerReader : public BrokerReader {
 public:
  // Of the stream that a sink with these options writes to. `structured`: events are the messages,
  // and not the headers. Needs no server. `json` must outlive it. CONFIGURATION_INVALID.
  static absl::StatusOr<std::unique_ptr<NatsBrokerReader>> Open(NatsOptions options,
                                                                bool structured, JsonReader& json);
  ~NatsBrokerReader() override;
  NatsBrokerReader(const NatsBrokerReader&) = delete;
  NatsBrokerReader& operator=(const NatsBrokerReader&) = delete;

  absl::string_view Place() const override { return options_.stream; }
  absl::StatusOr<std::vector<BrokerPart>> Parts(absl::Duration timeout) override;
  absl::Status Begin(const std::vector<BrokerPart>& parts) override;
  absl::StatusOr<bool> Read(absl::Duration wait, Take take) override;

 private:
  NatsBrokerReader(NatsOptions options, bool structured, JsonReader& json);

  absl::Status Connect(absl::Duration timeout);
  absl::Status Listen();
  absl::Status AskForMore();
  absl::StatusOr<bool> Next(absl::Duration wait, Take take);
  void Give(__natsMsg* message, int64_t number, Take take);

  NatsOptions options_;
  const bool structured_;
  JsonReader& json_;
  std::unique_ptr<NatsSession> session_;
  __natsSubscription* subscription_ = nullptr;
  std::string inbox_;
  std::string consumer_;  // its name at the server; empty: there is none
  int64_t end_ = 0;
  bool ended_ = true;
  int awaited_ = 0;  // asked for, and not there yet
};

}  // namespace nexus::sink
