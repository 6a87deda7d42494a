#pragma once

// What the daemon says about itself, to AdminService and to the health pages.

#include <string>
#include <vector>

#include "config/nexus_config.h"
#include "index/indexer.h"
#include "nexus/core/clock.h"
#include "nexus/port/policy_decider.h"
#include "route/router.h"
#include "rpc/admin_service.h"
#include "schema/schema_registry.h"
#include "storage/rocksdb/rocks_log.h"
#include "storage/rocksdb/scrubber.h"

namespace nexus::app {

class Delivery;

// Thread-safe if the parts are; they must outlive it.
class StatusReport {
 public:
  StatusReport(storage::RocksLog& log, const storage::Scrubber* scrubber, PolicyDecider& policy,
               const schema::SchemaRegistry& schemas, const index::Indexer& indexer,
               const Delivery* delivery, std::string data_folder, Timestamp started)
      : log_(log),
        scrubber_(scrubber),
        policy_(policy),
        schemas_(schemas),
        indexer_(indexer),
        delivery_(delivery),
        data_folder_(std::move(data_folder)),
        started_(started) {}

  rpc::ServerReport Make() const;
  rpc::IndexProgress Index() const;

  // The parts that must work before commits are accepted: "log", "policy", "schemas". "index" is
  // told with them and is never in the way: without it reads take longer. A broker that is away
  // delays deliveries, it does not make the daemon unready.
  std::vector<rpc::ComponentStatus> Components() const;

 private:
  // Damage in what is stored is told, but new commits may be stored all the same.
  rpc::ComponentStatus ScrubComponent() const;

  storage::RocksLog& log_;
  const storage::Scrubber* const scrubber_;  // null: it is switched off
  PolicyDecider& policy_;
  const schema::SchemaRegistry& schemas_;
  const index::Indexer& indexer_;
  const Delivery* const delivery_;  // null: routing is switched off
  const std::string data_folder_;
  const Timestamp started_;
};

}  // namespace nexus::app
