#include "rpc/admin_service.h"

#include <memory>
#include <utility>

#include "nexus/core/stream_name.h"
#include "rpc/convert.h"
#include "rpc/rebuild_reactor.h"
#include "rpc/unary.h"

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

grpc::ServerUnaryReactor* AdminService::GetStatus(grpc::CallbackServerContext* context,
                                                  const admin::v1::GetStatusRequest*,
                                                  admin::v1::GetStatusResponse* response) {
  UnaryCall call(context, parts_, "nexus.admin.v1.AdminService/GetStatus");
  if (call.caller().ok()) {
    FillReport(report_(), parts_.engine.clock().Now(), *response);
    response->set_head(parts_.engine.Head().value);
    FillLimits(parts_.engine.limits(), *response->mutable_limits());
  }
  call.Finish(call.caller().status());
  return call.reactor();
}

grpc::ServerUnaryReactor* AdminService::Drain(grpc::CallbackServerContext* context,
                                              const admin::v1::DrainRequest*,
                                              admin::v1::DrainResponse* response) {
  auto call = std::make_shared<UnaryCall>(context, parts_, "nexus.admin.v1.AdminService/Drain");
  if (!call->caller().ok()) {
    call->Finish(call->caller().status());
    return call->reactor();
  }
  engine::Engine& engine = parts_.engine;
  engine.Drain([call, response, &engine] {
    response->set_head(engine.Head().value);
    call->Finish(absl::OkStatus());
  });
  return call->reactor();
}

grpc::ServerWriteReactor<admin::v1::RebuildIndexResponse>* AdminService::RebuildIndex(
    grpc::CallbackServerContext* context, const admin::v1::RebuildIndexRequest*) {
  return NewRebuildReactor(context, parts_, index_);
}

grpc::ServerWriteReactor<admin::v1::VerifyLogResponse>* AdminService::VerifyLog(
    grpc::CallbackServerContext* context, const admin::v1::VerifyLogRequest*) {
  return NewVerifyReactor(context, parts_, verify_);
}

}  // namespace nexus::rpc
