#include "stamp/server_stamp.h"

#include <string>

#include "stamp/commit_digest.h"

namespace nexus::stamp {

void CompleteStamp(Commit& commit) {
  AdmissionStamp& stamp = commit.stamp;
  const std::string id = commit.id.ToString();
  if (stamp.method.empty()) stamp.method = "server";
  if (stamp.decision_id.empty()) stamp.decision_id = id;
  if (stamp.policy_revision.empty()) stamp.policy_revision = std::string(kServerRevision);
  for (CommitEvent& entry : commit.events) {
    if (entry.event.correlation_id.empty()) entry.event.correlation_id = id;
  }
  stamp.request_digest = DigestOfCommit(commit);
}

}  // namespace nexus::stamp
