#include "rpc/admin_service.h"

#include <memory>
#include <utility>

#include "nexus/core/stream_name.h"
#include "rpc/convert.h"
#include "rpc/rebuild_reactor.h"
#include "rpc/service_names.h"

namespace nexus::rpc {
namespace {

void FillLimits(const Limits& limits, admin::v1::Limits& out) {
  out.set_event_bytes_max(limits.event_bytes_max);
  out.set_commit_bytes_max(limits.commit_bytes_max);
  out.set_commit_events_max(limits.commit_events_max);
  out.set_tags_max(limits.tags_max);
  out.set_metadata_bytes_max(limits.metadata_bytes_max);
  out.set_json_depth_max(limits.json_depth_max);
  out.set_stream_name_bytes_max(kStreamNameBytesMax);
}

void FillReport(const ServerReport& report, Timestamp now, admin::v1::GetStatusResponse& out) {
  out.set_version(report.version);
  out.set_data_folder(report.data_folder);
  out.set_incarnation(report.incarnation);
  FillTimestamp(report.started, *out.mutable_start_time());
  const int64_t micros = std::max<int64_t>(0, now.micros - report.started.micros);
  out.mutable_uptime()->set_seconds(micros / 1'000'000);
  out.mutable_uptime()->set_nanos(static_cast<int32_t>(micros % 1'000'000 * 1'000));
  bool ready = true;
  for (const ComponentStatus& component : report.components) {
    admin::v1::Component& row = *out.add_components();
    row.set_name(component.name);
    row.set_ok(component.ok);
    row.set_detail(component.detail);
    ready = ready && (component.ok || !component.needed);
  }
  out.set_ready(ready);
  for (const SinkReport& sink : report.sinks) {
    admin::v1::SinkStatus& row = *out.add_sinks();
    row.set_name(sink.name);
    row.set_ok(sink.ok);
    row.set_detail(sink.detail);
    row.set_checkpoint(sink.checkpoint.value);
    row.set_lag_events(sink.lag_events);
    row.set_delivered(sink.delivered);
  }
}

}  // namespace

void AdminService::AddTo(MethodTable& table) {
  table.Add(kAdminService, "GetStatus", Unary(parts_, *this, &AdminService::GetStatus));
  table.Add(kAdminService, "Drain", Unary(parts_, *this, &AdminService::Drain));
  table.Add(kAdminService, "RebuildIndex", {[this](ServerCall& call, const grpc::ByteBuffer&) {
              BeginRebuild(call, parts_, index_);
            }});
  table.Add(kAdminService, "VerifyLog",
            {[this](ServerCall& call, const grpc::ByteBuffer&) { VerifyLog(call); }});
  table.Add(kAdminService, "VerifySchemas",
            {[this](ServerCall& call, const grpc::ByteBuffer&) { VerifySchemas(call); }});
  table.Add(kAdminService, "GetServiceGraph",
            {[this](ServerCall& call, const grpc::ByteBuffer&) { GetServiceGraph(call); }});
  table.Add(kAdminService, "VerifyAudit", {[this](ServerCall& call, const grpc::ByteBuffer& bytes) {
              VerifyAudit(call, bytes);
            }});
}

void AdminService::GetStatus(
    UnaryPtr<admin::v1::GetStatusRequest, admin::v1::GetStatusResponse> call) {
  admin::v1::GetStatusResponse& response = call->response();
  FillReport(report_(), parts_.engine.clock().Now(), response);
  response.set_head(parts_.engine.Head().value);
  FillLimits(parts_.engine.limits(), *response.mutable_limits());
  call->Finish(absl::OkStatus());
}

void AdminService::Drain(UnaryPtr<admin::v1::DrainRequest, admin::v1::DrainResponse> call) {
  engine::Engine& engine = parts_.engine;
  engine.questions().AskAboutAdmin("drain", call->caller(), [call, &engine](absl::Status asked) {
    if (!call->Ready(asked)) return;
    call->WriteDown(absl::OkStatus());  // afterwards nothing can be written any more
    engine.Drain([call, &engine] {
      call->response().set_head(engine.Head().value);
      call->Finish(absl::OkStatus());
    });
  });
}

}  // namespace nexus::rpc
