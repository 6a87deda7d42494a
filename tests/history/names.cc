#include "history/names.h"

#include "absl/strings/str_cat.h"

namespace nexus::history {
namespace {

std::string Place(const std::string& stream) {
  return stream.empty() ? std::string("the whole log") : absl::StrCat("'", stream, "'");
}

std::string Between(Tick invoked, Tick returned) {
  if (returned == 0) return absl::StrCat("ticks ", invoked, "-");
  return absl::StrCat("ticks ", invoked, "-", returned);
}

}  // namespace

std::string NameOf(const AppendCall& call) {
  return absl::StrCat("append ", call.commit.ToString(), " of client ", call.client, " (",
                      Between(call.invoked, call.returned), ")");
}

std::string NameOf(const ReadCall& read) {
  return absl::StrCat("read of ", Place(read.stream), " from ", read.from,
                      read.direction == Direction::kForward ? " on" : " back", " by client ",
                      read.client, " (", Between(read.invoked, read.returned), ")");
}

std::string NameOf(const Session& session) {
  return absl::StrCat("subscription to ", Place(session.stream), " from ", session.next,
                      " by client ", session.client);
}

std::string NameOf(const LoggedCommit& commit) {
  if (commit.call != nullptr) return NameOf(*commit.call);
  return absl::StrCat("commit ", commit.id.ToString(), " at position ", commit.first);
}

}  // namespace nexus::history
