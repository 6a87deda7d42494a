#include "sink/nats/nats_event_loop.h"

#include <nats/nats.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cstdint>

#include "concurrency/thread_name.h"
#include "sink/outbound/unavailable.h"

namespace nexus::sink {
namespace {

thread_local const NatsEventLoop* corked = nullptr;

}  // namespace

absl::StatusOr<std::unique_ptr<NatsEventLoop>> NatsEventLoop::Create() {
  const int wake = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (wake < 0) return Unavailable("no descriptor is left for a connection");
  return std::unique_ptr<NatsEventLoop>(new NatsEventLoop(wake));
}

NatsEventLoop::~NatsEventLoop() {
  stopping_.store(true);
  Wake();
  if (thread_.joinable()) thread_.join();
  ::close(wake_);
}

void NatsEventLoop::Serve(natsOptions* options) {
  natsOptions_SetEventLoop(
      options, this,
      [](void** self, void* loop, natsConnection* connection, natsSock socket) {
        *self = loop;
        static_cast<NatsEventLoop*>(loop)->Attach(connection, static_cast<int>(socket));
        return NATS_OK;
      },
      [](void* self, bool add) {
        if (!add) static_cast<NatsEventLoop*>(self)->socket_.store(-1);
        return NATS_OK;
      },
      [](void* self, bool add) {
        static_cast<NatsEventLoop*>(self)->WantWrite(add);
        return NATS_OK;
      },
      [](void* self) {
        static_cast<NatsEventLoop*>(self)->socket_.store(-1);
        return NATS_OK;
      });
}

void NatsEventLoop::Attach(natsConnection* connection, int socket) {
  socket_.store(socket);
  if (thread_.joinable()) return;
  connection_ = connection;
  thread_ = std::thread([this] { Work(); });
}

void NatsEventLoop::CorkThisThread() { corked = this; }
void NatsEventLoop::UncorkThisThread() { corked = nullptr; }

// Called with the library's lock on the connection.
void NatsEventLoop::WantWrite(bool wanted) {
  writable_wanted_.store(wanted);
  if (!wanted || corked == this) return;
  thread_writes_.store(true);
  Wake();
}

void NatsEventLoop::Flush() {
  {
    absl::MutexLock lock(&flushing_);
    if (writable_wanted_.load()) natsConnection_ProcessWriteEvent(connection_);
  }
  if (!writable_wanted_.load()) return;
  thread_writes_.store(true);
  Wake();
}

void NatsEventLoop::Wake() const {
  const uint64_t one = 1;
  static_cast<void>(!::write(wake_, &one, sizeof(one)));
}

void NatsEventLoop::Work() {
  concurrency::NameThisThread("nats-io");
  bool full = false;  // the socket takes no more for now
  while (!stopping_.load()) {
    const int socket = socket_.load();
    const short events = full ? POLLIN | POLLOUT : POLLIN;
    pollfd polled[2] = {{wake_, POLLIN, 0}, {socket, events, 0}};  // a negative one is passed over
    ::poll(polled, 2, -1);
    uint64_t count;
    if (polled[0].revents != 0) static_cast<void>(!::read(wake_, &count, sizeof(count)));
    if ((polled[1].revents & (POLLIN | POLLERR | POLLHUP)) != 0) {
      natsConnection_ProcessReadEvent(connection_);
    }
    if (!full && !thread_writes_.exchange(false)) continue;
    absl::MutexLock lock(&flushing_);
    if (writable_wanted_.load()) natsConnection_ProcessWriteEvent(connection_);
    full = writable_wanted_.load();
  }
}

}  // namespace nexus::sink
