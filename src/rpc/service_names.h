#pragma once

// The services of the contract, which the server offers, counts and reports as serving.

namespace nexus::rpc {

inline constexpr char kEventStoreService[] = "nexus.v1.EventStoreService";
inline constexpr char kSchemaRegistryService[] = "nexus.v1.SchemaRegistryService";
inline constexpr char kCommandService[] = "nexus.v1.CommandService";
inline constexpr char kQueryService[] = "nexus.v1.QueryService";
inline constexpr char kAuditService[] = "nexus.v1.AuditService";
inline constexpr char kPolicyService[] = "nexus.v1.PolicyService";
inline constexpr char kAdminService[] = "nexus.admin.v1.AdminService";
inline constexpr char kAccessService[] = "nexus.admin.v1.AccessService";
inline constexpr char kRouteService[] = "nexus.admin.v1.RouteService";
inline constexpr char kDomainService[] = "nexus.admin.v1.DomainService";
inline constexpr char kSnapshotService[] = "nexus.admin.v1.SnapshotService";
inline constexpr char kCostService[] = "nexus.admin.v1.CostService";

inline constexpr const char* kServiceNames[] = {
    kEventStoreService,     kCommandService, kQueryService,  kAuditService,
    kSchemaRegistryService, kPolicyService,  kAdminService,  kAccessService,
    kRouteService,          kCostService,    kDomainService, kSnapshotService};

}  // namespace nexus::rpc
