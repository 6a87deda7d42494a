#include "confluent/registry_api.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace nexus::confluent {
namespace {

constexpr absl::Duration kTimeout = absl::Seconds(10);
constexpr char kTakesUnknown[] = "confluent-accept-unknown-properties";

http::Response RefusalOf(const absl::Status& status) {
  http::Response response = FailureOf(status);
  http::AddRefusalHeaders(status, response);
  return response;
}

}  // namespace

http::Area RegistryApi::Area(std::string prefix, size_t body_bytes_max) {
  const size_t skipped = prefix.size();
  return {std::move(prefix), body_bytes_max,
          [this, skipped](http::Request request, http::Reply reply) {
            Answer(std::move(request), skipped, std::move(reply));
          }};
}

const schema::SchemaCatalog& RegistryApi::catalog() const {
  return parts_.engine.schemas().catalog();
}

std::string RegistryApi::Call::Subject(size_t at) const {
  absl::string_view subject = segments[at];
  absl::ConsumePrefix(&subject, ":.:");
  return std::string(subject);
}

void RegistryApi::Answer(http::Request request, size_t skipped, http::Reply reply) {
  Call call;
  call.segments = http::SegmentsOf(request.path, skipped);
  // Only the default context is there; it may be written out.
  if (call.segments.size() > 1 && call.segments[0] == "contexts" &&
      (call.segments[1] == "." || call.segments[1] == ":.:")) {
    call.segments.erase(call.segments.begin(), call.segments.begin() + 2);
  }
  const Row* row = FindRow(request.method, call.segments);
  // Whoever may not read learns nothing here, not even what is not there.
  absl::StatusOr<identity::Identity> caller = parts_.guard.Admit(
      request, row == nullptr ? identity::Operation::kSchemaRead : row->route.operation,
      http::OperationScope::kSomething);
  if (!caller.ok()) return reply(RefusalOf(caller.status()));
  call.caller.principal = std::move(caller->principal);
  call.caller.address = std::move(caller->address);
  call.caller.peer = absl::StrCat("http:", request.host);
  call.caller.access = std::move(caller->access);
  call.caller.deadline = parts_.engine.clock().Monotonic() + kTimeout;
  call.parameters = http::Parameters(request.query);
  call.form = call.parameters.Text("format");
  call.body = std::move(request.body);
  const auto takes = request.headers.find(kTakesUnknown);
  call.extended = takes != request.headers.end() && absl::EqualsIgnoreCase(takes->second, "true");
  call.reply = std::move(reply);
  if (row == nullptr) return call.Fail(ErrorCode::kNoPage, "HTTP 404 Not Found");
  (this->*row->handler)(std::move(call));
}

}  // namespace nexus::confluent
