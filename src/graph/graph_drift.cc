#include "graph/graph_drift.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "nexus/core/stream_name.h"

namespace nexus::graph {
namespace {

bool Covers(const DeclaredUse& use, const GraphEdge& edge) {
  return use.type == edge.type && (use.category.empty() || use.category == edge.category);
}

bool Covers(const std::vector<DeclaredUse>& uses, const GraphEdge& edge) {
  return std::any_of(uses.begin(), uses.end(),
                     [&](const DeclaredUse& use) { return Covers(use, edge); });
}

// A pattern that may end in '*'.
bool Fits(absl::string_view pattern, absl::string_view text) {
  if (!absl::EndsWith(pattern, "*")) return pattern == text;
  return absl::StartsWith(text, pattern.substr(0, pattern.size() - 1));
}

// Whether events of `category` may stand where a subscription looks.
bool LooksAt(absl::string_view place, absl::string_view category) {
  if (category.empty() || place == "*") return true;
  if (!absl::EndsWith(place, "*")) return StreamName::CategoryOf(place) == category;
  place.remove_suffix(1);
  return absl::StartsWith(absl::StrCat(category, "-"), place) ||
         StreamName::CategoryOf(place) == category;
}

std::string Place(const GraphSightings& seen) {
  return seen.events == 1 ? absl::StrCat("once, at position ", seen.last.value)
                          : absl::StrCat(seen.events, " times, last at position ", seen.last.value);
}

class Drift {
 public:
  Drift(const ServiceGraph& seen, const DeclaredGraph& declared, Position since)
      : seen_(seen), declared_(declared), since_(since) {
    for (const DeclaredService& service : declared.services) {
      services_.emplace(service.name, &service);
    }
    // Whoever has a name of its own is not a principal of another.
    for (const DeclaredService& service : declared.services) {
      for (const std::string& principal : service.principals) {
        services_.emplace(principal, &service);
      }
    }
  }

  std::vector<GraphFinding> Find() {
    for (const GraphService& service : seen_.services) LookAtService(service);
    for (const GraphEdge& edge : seen_.edges) {
      if (edge.seen.last >= since_) LookAtEdge(edge);
    }
    for (const GraphSubscription& row : seen_.subscriptions) LookAtSubscription(row);
    for (const DeclaredService& service : declared_.services) LookForUses(service);
    return std::move(findings_);
  }

 private:
  // By its name or a principal; nullptr: nobody declares it.
  const DeclaredService* Find(const std::string& name) const {
    const auto found = services_.find(name);
    return found == services_.end() ? nullptr : found->second;
  }

  void Report(GraphFinding finding) { findings_.push_back(std::move(finding)); }

  void LookAtService(const GraphService& service) {
    if (service.seen.events == 0 || service.seen.last < since_) return;
    const DeclaredService* declared = Find(service.name);
    if (declared == nullptr) {
      Report({"UNKNOWN_SERVICE",
              FindingLevel::kError,
              absl::StrCat(service.name, " wrote events (", Place(service.seen),
                           ") and is declared nowhere"),
              service.name,
              "declare the service, or add it to the principals of one",
              {}});
      return;
    }
    const std::vector<std::string>& own = declared->principals;
    if (own.empty()) return;  // anybody: the declaration does not say
    for (const std::string& principal : service.principals) {
      if (principal == declared->name ||
          std::find(own.begin(), own.end(), principal) != own.end()) {
        continue;
      }
      Report({"FOREIGN_PRINCIPAL", FindingLevel::kError,
              absl::StrCat(principal, " wrote events under the name ", service.name,
                           ", whose principals are ", absl::StrJoin(own, ", ")),
              absl::StrCat(service.name, " by ", principal),
              "add the principal to the service, or find out who used the name", declared->place});
    }
  }

  void LookAtEdge(const GraphEdge& edge) {
    if (edge.kind == GraphEdgeKind::kCalls) return LookAtCall(edge);
    const DeclaredService* service = Find(edge.service);
    if (service == nullptr) return;  // said once, of the service
    if (edge.kind == GraphEdgeKind::kPublishes) return LookAtPublished(*service, edge);
    if (Find(edge.peer) == service || Covers(service->consumes, edge)) return;
    const std::string subject = absl::StrCat(service->name, " consumes ", edge.type);
    Report({"UNDECLARED_CONSUME", FindingLevel::kError,
            absl::StrCat(subject, " of ", edge.peer, " (its events follow from it ",
                         Place(edge.seen), ") and does not declare that"),
            subject, "declare it, or find out why it does", service->place});
  }

  void LookAtPublished(const DeclaredService& service, const GraphEdge& edge) {
    if (Covers(service.publishes, edge)) return;
    std::set<std::string> categories;
    std::set<std::string> types;
    for (const DeclaredUse& use : service.publishes) {
      if (use.type == edge.type) categories.insert(use.category);
      if (!use.category.empty() && use.category == edge.category) types.insert(use.type);
    }
    GraphFinding finding;
    finding.subject = absl::StrCat(service.name, " publishes ", edge.type);
    finding.message =
        absl::StrCat(finding.subject, " in ", edge.category, " (", Place(edge.seen), ") and ");
    if (!categories.empty()) {
      finding.rule = "WRONG_CATEGORY";
      absl::StrAppend(&finding.message, "declares it in ", absl::StrJoin(categories, ", "));
    } else if (!types.empty()) {
      finding.rule = "WRONG_TYPE";
      absl::StrAppend(&finding.message, "declares for that category ", absl::StrJoin(types, ", "));
    } else {
      finding.rule = "UNDECLARED_PUBLISH";
      absl::StrAppend(&finding.message, "does not declare that");
    }
    finding.fix = "declare it, or find out why it does";
    finding.place = service.place;
    Report(std::move(finding));
  }

  void LookAtCall(const GraphEdge& edge) {
    const DeclaredService* caller = Find(edge.service);
    const DeclaredService* callee = Find(edge.peer);
    if (caller != nullptr && caller == callee) return;
    // Two services may share a stream if the one that answers declares what it writes there.
    if (edge.evidence == CallEvidence::kSameStream && callee != nullptr &&
        Covers(callee->publishes, edge)) {
      return;
    }
    GraphFinding finding;
    finding.rule = "DIRECT_CALL";
    finding.subject = absl::StrCat(edge.service, " calls ", edge.peer);
    finding.message =
        absl::StrCat(finding.subject, " past the log: ", How(edge), " (", Place(edge.seen), ")");
    finding.fix = "let the other service consume an event and answer with one of its own";
    if (caller != nullptr) finding.place = caller->place;
    if (const DeclaredCall* known = FindCall(caller, callee, edge.peer)) {
      finding.level = FindingLevel::kNote;
      absl::StrAppend(&finding.message, "; tolerated because: ", known->because);
      finding.place = known->place;
    }
    Report(std::move(finding));
  }

  static std::string How(const GraphEdge& edge) {
    const std::string event = absl::StrCat(edge.type, " in ", edge.category);
    switch (edge.evidence) {
      case CallEvidence::kSameCommit:
        return absl::StrCat(event, " was stored in one commit with its cause");
      case CallEvidence::kSameStream:
        return absl::StrCat(event, " answers in the stream of its cause");
      default:
        return absl::StrCat(event, " says so (called_by)");
    }
  }

  static const DeclaredCall* FindCall(const DeclaredService* caller, const DeclaredService* callee,
                                      const std::string& peer) {
    if (caller == nullptr) return nullptr;
    for (const DeclaredCall& call : caller->calls) {
      if (call.because.empty()) continue;
      if (call.peer == peer || (callee != nullptr && call.peer == callee->name)) return &call;
    }
    return nullptr;
  }

  void LookAtSubscription(const GraphSubscription& row) {
    const DeclaredService* service = Find(row.principal);
    if (service == nullptr || absl::EndsWith(row.type, "*")) return;
    const auto is_declared = [&](const std::vector<DeclaredUse>& uses) {
      return std::any_of(uses.begin(), uses.end(), [&](const DeclaredUse& use) {
        return use.type == row.type && LooksAt(row.place, use.category);
      });
    };
    // Its own events are nobody else's business.
    if (is_declared(service->consumes) || is_declared(service->publishes)) return;
    const std::string subject = absl::StrCat(service->name, " consumes ", row.type);
    Report({"UNDECLARED_SUBSCRIPTION", FindingLevel::kWarning,
            absl::StrCat(subject, ": ", row.principal, " subscribed to it, and ", service->name,
                         " does not declare that"),
            subject, "declare it, or end the subscription", service->place});
  }

  void LookForUses(const DeclaredService& service) {
    for (const DeclaredUse& use : service.publishes) {
      if (!WasSeen(service, use, GraphEdgeKind::kPublishes)) Missing(service, use, "publishes");
    }
    for (const DeclaredUse& use : service.consumes) {
      if (WasSeen(service, use, GraphEdgeKind::kConsumes) || IsSubscribed(service, use)) continue;
      Missing(service, use, "consumes");
    }
  }

  bool WasSeen(const DeclaredService& service, const DeclaredUse& use, GraphEdgeKind kind) const {
    return std::any_of(seen_.edges.begin(), seen_.edges.end(), [&](const GraphEdge& edge) {
      return edge.kind == kind && edge.seen.last >= since_ && Covers(use, edge) &&
             Find(edge.service) == &service;
    });
  }

  bool IsSubscribed(const DeclaredService& service, const DeclaredUse& use) const {
    return std::any_of(seen_.subscriptions.begin(), seen_.subscriptions.end(),
                       [&](const GraphSubscription& row) {
                         return Find(row.principal) == &service && Fits(row.type, use.type) &&
                                LooksAt(row.place, use.category);
                       });
  }

  void Missing(const DeclaredService& service, const DeclaredUse& use, absl::string_view verb) {
    GraphFinding finding;
    finding.rule = verb == "publishes" ? "NEVER_PUBLISHED" : "NEVER_CONSUMED";
    finding.level = FindingLevel::kWarning;
    finding.subject = absl::StrCat(service.name, " ", verb, " ", use.type);
    finding.message = absl::StrCat(service.name, " declares that it ", verb, " ", use.type,
                                   use.category.empty() ? "" : absl::StrCat(" in ", use.category),
                                   ", and it was not seen");
    if (since_.value > 0) absl::StrAppend(&finding.message, " since position ", since_.value);
    finding.fix = "take it out of the declaration, or find out why it does not";
    finding.place = use.place;
    Report(std::move(finding));
  }

  const ServiceGraph& seen_;
  const DeclaredGraph& declared_;
  const Position since_;
  std::map<std::string, const DeclaredService*> services_;
  std::vector<GraphFinding> findings_;
};

}  // namespace

std::vector<GraphFinding> FindDrift(const ServiceGraph& seen, const DeclaredGraph& declared,
                                    Position since) {
  return Drift(seen, declared, since).Find();
}

}  // namespace nexus::graph
