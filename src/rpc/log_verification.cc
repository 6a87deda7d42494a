// AdminService/VerifyLog: the whole log read again.

#include <memory>
#include <string>
#include <utility>

#include "rpc/admin_service.h"
#include "rpc/walk_reactor.h"

namespace nexus::rpc {
namespace {

class LogWalk {
 public:
  explicit LogWalk(std::unique_ptr<LogVerification> walk) : walk_(std::move(walk)) {}

  absl::Status Advance() {
    progress_ = walk_->Advance();
    return absl::OkStatus();
  }
  bool done() const { return progress_.done; }
  const VerifyProgress& progress() const { return progress_; }

 private:
  const std::unique_ptr<LogVerification> walk_;
  VerifyProgress progress_;
};

void FillLogVerification(const LogWalk& walk, admin::v1::VerifyLogResponse& out) {
  const VerifyProgress& progress = walk.progress();
  out.set_position(progress.position.value);
  out.set_head(progress.head.value);
  out.set_errors(progress.errors);
  out.set_done(progress.done);
  if (!progress.done) return;
  for (const std::string& finding : progress.findings) out.add_findings(finding);
}

}  // namespace

void AdminService::VerifyLog(ServerCall& call) {
  WalkReactor<LogWalk, admin::v1::VerifyLogResponse>::Begin(
      call, parts_,
      [&engine = parts_.engine](engine::Caller caller, auto go) {
        engine.questions().AskAboutAdmin("verify_log", std::move(caller), std::move(go));
      },
      [this] { return std::make_unique<LogWalk>(verify_()); }, FillLogVerification);
}

}  // namespace nexus::rpc
