#pragma once

// One connection to a server of NATS, and the answers of JetStream that come over it.
//
// It never connects again by itself: the library would keep what is published meanwhile and send it
// after that which is lost. A lost session is replaced. Thread-safe; Next() for one thread.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "nexus/core/event.h"
#include "sink/nats/nats_ack.h"
#include "sink/nats/nats_options.h"
#include "sink/outbound/message.h"
#include "sink/outbound/outbox.h"

// Of the library.
struct __natsConnection;
struct __natsSubscription;
struct __jsCtx;
struct __natsMsg;

namespace nexus::sink {

class NatsEventLoop;
class NatsMailbox;
class NatsMessageBin;

struct NatsReply {
  Outbox::Ticket ticket = 0;
  bool nobody = false;  // no stream listens to the subject
  absl::StatusOr<NatsAck> ack;
};

class NatsSession {
 public:
  // kUnavailable says why not. No message holds a password, a token or a seed.
  static absl::StatusOr<std::unique_ptr<NatsSession>> Open(const NatsOptions& options,
                                                           const NatsServerAddress& server);
  ~NatsSession();
  NatsSession(const NatsSession&) = delete;
  NatsSession& operator=(const NatsSession&) = delete;

  // With the event's id against repetitions; the answer comes out of Next() with `ticket`. It goes
  // out with the thread's next Flush(), and is not held back for others. `behind`: the server shall
  // take it only if the stream's last message has this id; empty: whatever that is.
  // LIMIT_EXCEEDED: larger than the server takes. kUnavailable: the session is lost.
  absl::Status Publish(const std::string& subject, Outbox::Ticket ticket,
                       const RecordedEvent& event, const Message& message,
                       const std::string& behind = "");

  // For a thread that publishes many messages in a row, and waits for no answer meanwhile.
  void CorkThisThread();
  void UncorkThisThread();
  void Flush();

  // Answers of streams go to `take`, on a thread of the library, with how many more have come. That
  // thread is corked and flushed when there are none. Next() gives all other answers. Before the
  // first Publish().
  void TakeAcks(std::function<void(const NatsReply&, int more)> take);

  // Nothing if none comes within `wait`. Not OK: the session is lost.
  absl::StatusOr<std::optional<NatsReply>> Next(absl::Duration wait);

  // What the server complained of last, if it refused a subject; else "".
  std::string LastViolation() const;

  // Ends a Next() that waits.
  void Close();

  __jsCtx* jetstream() const { return jetstream_; }
  __natsConnection* connection() const { return connection_; }

 private:
  explicit NatsSession(const NatsOptions& options);

  absl::Status Connect(const NatsServerAddress& server);
  absl::Status Listen();
  absl::Status Lost() const;
  // Nothing if it is no answer to what was published here.
  std::optional<NatsReply> Parse(__natsMsg* message) const;

  const NatsOptions& options_;
  std::unique_ptr<NatsEventLoop> loop_;
  __natsConnection* connection_ = nullptr;
  __natsSubscription* replies_ = nullptr;
  __jsCtx* jetstream_ = nullptr;
  std::string inbox_;  // "_INBOX.<id>."; a ticket follows
  std::unique_ptr<NatsMessageBin> bin_;
  std::unique_ptr<NatsMailbox> mailbox_;
};

}  // namespace nexus::sink
