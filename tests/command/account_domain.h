#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_replace.h"
#include "domain/domain_state.h"
#include "nexus/port/json_reader.h"

namespace nexus::command {

// An account of money: enough of a domain to see everything that can become of a command.
inline constexpr char kAccountScript[] = R"js(
export const initial = { balance: 0, events: 0 };

export function evolve(state, event) {
  const events = state.events + 1;
  switch (event.type) {
    case "Deposited": return { balance: state.balance + event.data.amount, events };
    case "Withdrawn": return { balance: state.balance - event.data.amount, events };
    default: return { ...state, events };
  }
}

export function decide(state, command, ctx) {
  const { amount, times } = command.data;
  switch (command.type) {
    case "Deposit": {
      const out = [];
      for (let i = 0; i < (times ?? 1); i++) out.push({ type: "Deposited", data: { amount } });
      return out;
    }
    case "Withdraw":
      if (amount > state.balance) return ctx.reject("not enough", { balance: state.balance });
      return { type: "Withdrawn", data: { amount, receipt: ctx.newId(), at: ctx.now },
               metadata: { by: ctx.principal.name } };
    case "Look": return [];
    case "Spin": for (;;) {}
    case "Throw": throw new Error("broken on purpose");
    case "Stray": return { type: "Unheard", data: {} };
    case "Bad": return { type: "Deposited", data: { amount: "much" } };
  }
}
)js";

inline constexpr char kAccountDeclaration[] = R"({
  "apiVersion": "nexus/v1", "kind": "Aggregate", "metadata": {"name": "NAME"},
  "spec": {"category": "account", "script": "account.js", "id": "/accountId",
    "commands": ["Deposit", "Withdraw", "Look", "Spin", "Throw", "Stray", "Bad"],
    "events": ["Deposited", "Withdrawn"], "snapshots": SNAPSHOTS}})";

// What a domain has beside its aggregate, and what that is called.
struct MoreOfDomain {
  std::vector<domain::PackageFile> declarations = {};
  std::vector<domain::PackageFile> files = {};
  std::string name = "account";
};

// The domain of it, with this code.
inline std::shared_ptr<const domain::DomainState> AccountDomain(JsonReader& json,
                                                                const std::string& script,
                                                                const std::string& snapshots = "{}",
                                                                const MoreOfDomain& more = {}) {
  auto package = std::make_shared<domain::DomainPackage>();
  package->name = "bank";
  package->declarations = {
      {"account.json",
       absl::StrReplaceAll(kAccountDeclaration, {{"NAME", more.name}, {"SNAPSHOTS", snapshots}})}};
  package->files = {{"account.js", script}};
  package->declarations.insert(package->declarations.end(), more.declarations.begin(),
                               more.declarations.end());
  package->files.insert(package->files.end(), more.files.begin(), more.files.end());
  std::map<std::string, domain::DomainRecord> domains;
  domains["bank"].package = std::move(package);
  return *domain::DomainState::Build(std::move(domains), json);
}

}  // namespace nexus::command
