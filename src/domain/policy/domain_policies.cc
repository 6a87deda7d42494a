#include "domain/policy/domain_policies.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "absl/algorithm/container.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "domain/policy_declaration.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"
#include "policy/bundle/wasm_bundle.h"
#include "policy/layered/policy_layer.h"

namespace nexus::domain {
namespace {

using policy::EmbeddedDecider;
using policy::EmbeddedPolicies;
using policy::PolicyLayer;

// Programs whose instances a thread keeps ready; each takes a few MiB.
constexpr size_t kInstancesMax = 64;
// Of one bundle when it is unpacked. A package is in memory as a whole, and anybody who may plan
// one has it unpacked.
constexpr size_t kUnpackedBytesMax = 8 << 20;

// One policy of the engine that they share.
class PolicyOfDomain : public PolicyDecider {
 public:
  PolicyOfDomain(EmbeddedDecider& engine, std::shared_ptr<EmbeddedPolicies> policies)
      : engine_(engine), policies_(std::move(policies)) {}

  void Decide(PolicyQuestion question, absl::Duration timeout, Done done) override {
    engine_.DecideBy(policies_, std::move(question), timeout, std::move(done));
  }
  PolicyState State() override { return {true, policies_->program->revision(), "embedded", ""}; }
  bool Decides(absl::string_view operation) override {
    return policies_->program->Find(operation) != nullptr;
  }

 private:
  EmbeddedDecider& engine_;
  const std::shared_ptr<EmbeddedPolicies> policies_;
};

static_assert(std::ranges::equal(kPolicyOperations, policy::kLayeredOperations));

absl::Status CheckOperations(const PolicyRecord& record, const EmbeddedPolicies& policies) {
  const std::vector<std::string> operations = policies.program->Operations();
  for (const std::string& operation : operations) {
    if (absl::c_linear_search(kPolicyOperations, operation)) continue;
    return MakeError(
        ErrorReason::kMalformedRequest,
        absl::StrCat("the policy ", record.declaration.name, " decides ", operation,
                     "; those of a domain may decide ", absl::StrJoin(kPolicyOperations, " and ")));
  }
  if (!operations.empty()) return absl::OkStatus();
  return MakeError(ErrorReason::kMalformedRequest,
                   absl::StrCat("the policy ", record.declaration.name,
                                " decides nothing: it needs data.nexus.append.decision or "
                                "data.nexus.execute.decision"));
}

}  // namespace

DomainPolicies::DomainPolicies(const DomainPoliciesParts& parts,
                               policy::EmbeddedDeciderOptions options)
    : parts_(parts),
      options_([&] {
        options.engine = "embedded (domains)";
        options.instances_max = kInstancesMax;
        options.on_active = nullptr;
        return std::move(options);
      }()),
      layered_(parts.server) {}

absl::StatusOr<EmbeddedDecider*> DomainPolicies::Engine() {
  if (engine_ != nullptr) return engine_.get();
  if (stopped_) return MakeError(ErrorReason::kDraining, "the server shuts down");
  NEXUS_ASSIGN_OR_RETURN(engine_, EmbeddedDecider::Create(std::nullopt, options_, parts_.scripts,
                                                          parts_.clock, parts_.metrics));
  return engine_.get();
}

absl::StatusOr<DomainPolicies::PoliciesPtr> DomainPolicies::Compiled(const PolicyRecord& record) {
  EmbeddedDecider* engine = nullptr;
  {
    absl::MutexLock lock(&mutex_);
    const auto found = compiled_.find(record.digest);
    if (found != compiled_.end()) return found->second;
    NEXUS_ASSIGN_OR_RETURN(engine, Engine());
  }
  std::string bytes;
  if (!absl::Base64Unescape(record.bundle_text(), &bytes)) {
    return MakeError(ErrorReason::kMalformedRequest,
                     absl::StrCat(record.declaration.bundle_path(),
                                  " is not base64; nexusctl makes it of the folder"));
  }
  NEXUS_ASSIGN_OR_RETURN(policy::WasmBundle bundle,
                         policy::ParseWasmBundle(bytes, kUnpackedBytesMax));
  return engine->Compile(std::move(bundle));
}

absl::Status DomainPolicies::Check(const PolicyRecord& record) {
  NEXUS_ASSIGN_OR_RETURN(PoliciesPtr policies, Compiled(record));
  NEXUS_RETURN_IF_ERROR(CheckOperations(record, *policies));
  absl::MutexLock lock(&mutex_);
  if (!compiled_.try_emplace(record.digest, std::move(policies)).second) return absl::OkStatus();
  checked_.push_back(record.digest);
  // Who only plans and never applies is not to fill the memory.
  if (checked_.size() > kCheckedMax) {
    compiled_.erase(checked_.front());
    checked_.pop_front();
  }
  return absl::OkStatus();
}

void DomainPolicies::Use(const DomainState& state) {
  std::map<std::string, PoliciesPtr> in_use;
  std::vector<PolicyLayer> layers;
  for (const PolicyRecord& record : state.policies()) {
    PolicyLayer& layer = layers.emplace_back();
    layer.name = absl::StrCat(record.domain, "/", record.declaration.name);
    layer.revision = absl::StrCat(record.domain, "@", record.domain_version);
    layer.categories = record.categories;
    const absl::StatusOr<PoliciesPtr> policies = Compiled(record);
    if (!policies.ok()) {
      layer.fault = std::string(policies.status().message());
      if (parts_.on_unusable) parts_.on_unusable(layer.name, layer.fault);
      continue;
    }
    in_use[record.digest] = *policies;
    absl::MutexLock lock(&mutex_);
    if (engine_ == nullptr) continue;
    // Starting takes time that its first question may not have.
    engine_->Prepare(*policies);
    layer.decider = std::make_shared<PolicyOfDomain>(*engine_, *policies);
  }
  absl::MutexLock lock(&mutex_);
  if (stopped_) return;
  layered_.SetLayers(std::move(layers));
  // What somebody else has had checked may be applied next.
  std::erase_if(checked_, [&](const std::string& digest) { return in_use.contains(digest); });
  for (const std::string& digest : checked_) {
    if (const auto at = compiled_.find(digest); at != compiled_.end()) in_use.insert(*at);
  }
  compiled_ = std::move(in_use);
}

size_t DomainPolicies::compiled() const {
  absl::MutexLock lock(&mutex_);
  return compiled_.size();
}

void DomainPolicies::Stop() {
  std::unique_ptr<EmbeddedDecider> engine;
  absl::MutexLock lock(&mutex_);
  layered_.Close("the server shuts down");
  stopped_ = true;
  compiled_.clear();
  engine = std::move(engine_);
}

}  // namespace nexus::domain
