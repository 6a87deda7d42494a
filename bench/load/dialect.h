#pragma once

// What a system is told, in its own words. The loops that drive the calls know none of it, so that
// every system is driven by the same code at the same cost: requests are bytes that were serialised
// before where possible, answers are parsed only where the next request depends on them.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "grpcpp/channel.h"
#include "grpcpp/support/byte_buffer.h"
#include "grpcpp/support/slice.h"
#include "load/load_options.h"

namespace nexus::bench {

// What a writer knows about its stream.
struct WriterView {
  uint64_t stream = 0;                    // its number
  std::optional<uint64_t> last_revision;  // nothing: it has no event
  uint64_t last_position = 0;             // up to here it has looked
};

struct Request {
  std::string method;
  std::vector<grpc::Slice> parts;

  grpc::ByteBuffer Bytes() const { return {parts.data(), parts.size()}; }
};

class Dialect {
 public:
  virtual ~Dialect() = default;

  // The part of an append that stays the same for one stream: its events, each with `data`.
  virtual grpc::Slice Events(uint64_t stream, const std::string& data) const = 0;
  virtual Request Append(const grpc::Slice& events, const WriterView& view) const = 0;
  // Takes over what the answer to an append says.
  virtual void Appended(absl::string_view answer, WriterView& view) const = 0;

  // Asks where the stream stands, after a conflict.
  virtual Request Look(const WriterView& view) const = 0;
  virtual void Looked(absl::string_view answer, WriterView& view) const = 0;

  // For a call that pipelines appends: nothing if the system has none.
  virtual std::optional<Request> Streamed(const grpc::Slice& events,
                                          const WriterView& view) const = 0;
  virtual bool StreamedFailed(absl::string_view answer) const = 0;

  virtual Request ReadStream(uint64_t stream) const = 0;
  virtual Request ReadAll() const = 0;
  // What is appended from now on; `after` is the last position.
  virtual Request Subscribe(uint64_t after) const = 0;
  virtual Request Head() const = 0;
  virtual uint64_t HeadPosition(absl::string_view answer) const = 0;

  // Events in a message of a read or a subscription, counted without parsing them.
  virtual uint64_t CountRead(absl::string_view message) const = 0;
  virtual uint64_t CountDelivered(absl::string_view message) const = 0;
};

// "nexus" (and whatever speaks its messages) or "umadb"; dies for another.
std::unique_ptr<Dialect> MakeDialect(const LoadOptions& options);
std::unique_ptr<Dialect> MakeNexusDialect(const LoadOptions& options);
std::unique_ptr<Dialect> MakeUmaDialect(const LoadOptions& options);

// Registers the schema of the load's events (Nexus only).
void RegisterSchema(const LoadOptions& options, const std::shared_ptr<grpc::Channel>& channel);

// The bytes of a message that came in one slice or several.
std::string Joined(const grpc::ByteBuffer& buffer);
// How often `field`, of bytes or a message, stands on the top level of `message`. Dies if the bytes
// are no message.
uint64_t CountField(absl::string_view message, uint32_t field);
// The first value of such a field; empty if there is none.
absl::string_view FirstField(absl::string_view message, uint32_t field);

constexpr char kEventType[] = "bench.recorded";

}  // namespace nexus::bench
