#include "policy/layered/layered_decider.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "policy/failure.h"
#include "policy/operations.h"

namespace nexus::policy {
namespace {

bool IsLayered(absl::string_view operation) {
  return std::find(std::begin(kLayeredOperations), std::end(kLayeredOperations), operation) !=
         std::end(kLayeredOperations);
}

std::string RuleName(const PolicyLayer& layer, absl::string_view rule) {
  return absl::StrCat(layer.name, "/", rule);
}

void AddModes(const PolicyLayer& layer, const RuleModes* modes, RuleModes::Settings& settings) {
  if (modes == nullptr) return;
  for (const auto& [operation, rules] : modes->settings()) {
    for (const auto& [rule, setting] : rules) settings[operation][RuleName(layer, rule)] = setting;
  }
}

std::string Unusable(const PolicyLayer& layer) {
  return absl::StrCat("the policy ", layer.name, " of ", layer.revision,
                      " cannot be used: ", layer.fault);
}

// Whatever the rules of the answer are allowed to do, there is no way to a yes.
bool Refuses(const PolicyAnswer& answer) {
  return !answer.permitted || (answer.modes == nullptr && !answer.denials.empty());
}

// Of a layer without an entrypoint for the operation: it was in force, and had nothing to say.
PolicyAnswer NothingToSay() {
  PolicyAnswer answer;
  answer.allow = true;
  answer.permitted = true;
  return answer;
}

// What layers say joins what the server's policies say.
class JointAnswer {
 public:
  explicit JointAnswer(PolicyAnswer server) : answer_(std::move(server)) {
    if (answer_.modes != nullptr) settings_ = answer_.modes->settings();
  }

  void Add(const PolicyLayer& layer, PolicyAnswer said) {
    answer_.allow = answer_.allow && said.allow;
    answer_.permitted = answer_.permitted && said.permitted;
    for (PolicyDenial& denial : said.denials) {
      denial.rule = RuleName(layer, denial.rule);
      answer_.denials.push_back(std::move(denial));
    }
    if (!said.denials.empty()) AddModes(layer, said.modes.get(), settings_);
    // Two policies of one domain have one revision.
    const std::string revision = absl::StrCat("+", layer.revision);
    if (revision == last_) return;
    answer_.revision += revision;
    last_ = revision;
  }

  PolicyAnswer Take() {
    // Nobody asks how far a rule is enforced that denies nothing.
    if (!answer_.denials.empty() && !settings_.empty()) {
      answer_.modes = std::make_shared<const RuleModes>(std::move(settings_));
    }
    return std::move(answer_);
  }

 private:
  PolicyAnswer answer_;
  RuleModes::Settings settings_;
  std::string last_;
};

}  // namespace

// Waits for the server's answer, which is the first, and for those of the layers.
class LayeredDecider::Gathering : public std::enable_shared_from_this<Gathering> {
 public:
  Gathering(std::vector<LayerPtr> layers, Done done)
      : layers_(std::move(layers)),
        done_(std::move(done)),
        answers_(layers_.size() + 1),
        missing_(answers_.size()) {}

  Done At(size_t place) {
    return [self = shared_from_this(), place](absl::StatusOr<PolicyAnswer> answer) {
      self->Take(place, std::move(answer));
    };
  }

 private:
  void Take(size_t place, absl::StatusOr<PolicyAnswer> answer) {
    {
      absl::MutexLock lock(&mutex_);
      answers_[place] = std::move(answer);
      if (--missing_ > 0) return;
    }
    // From here on nobody else comes.
    done_(Join());
  }

  absl::StatusOr<PolicyAnswer> Join() ABSL_NO_THREAD_SAFETY_ANALYSIS {
    for (const std::optional<absl::StatusOr<PolicyAnswer>>& answer : answers_) {
      if (answer->ok()) continue;
      // Who is refused for good is not told to come again.
      absl::StatusOr<PolicyAnswer>& server = *answers_.front();
      if (server.ok() && Refuses(*server)) return *std::move(server);
      return answer->status();
    }
    JointAnswer joint(**std::move(answers_.front()));
    for (size_t i = 0; i < layers_.size(); ++i) {
      joint.Add(*layers_[i], **std::move(answers_[i + 1]));
    }
    return joint.Take();
  }

  const std::vector<LayerPtr> layers_;
  Done done_;
  absl::Mutex mutex_;
  std::vector<std::optional<absl::StatusOr<PolicyAnswer>>> answers_ ABSL_GUARDED_BY(mutex_);
  size_t missing_ ABSL_GUARDED_BY(mutex_);
};

LayeredDecider::LayeredDecider(PolicyDecider& server)
    : server_(server), layers_(std::make_shared<const Layers>()) {}

LayeredDecider::~LayeredDecider() = default;

void LayeredDecider::SetLayers(std::vector<PolicyLayer> layers) {
  auto next = std::make_shared<Layers>();
  for (PolicyLayer& layer : layers) {
    for (const std::string& category : layer.categories) {
      next->by_category[category].push_back(next->all.size());
    }
    next->all.push_back(std::make_shared<const PolicyLayer>(std::move(layer)));
  }
  absl::MutexLock lock(&mutex_);
  layered_.store(!next->all.empty(), std::memory_order_release);
  layers_ = std::move(next);
}

void LayeredDecider::Close(absl::string_view fault) {
  std::vector<PolicyLayer> closed;
  for (const LayerPtr& layer : layers()->all) {
    closed.push_back({layer->name, layer->revision, layer->categories, nullptr,
                      std::string(fault.data(), fault.size())});
  }
  SetLayers(std::move(closed));
}

std::shared_ptr<const LayeredDecider::Layers> LayeredDecider::layers() const {
  absl::ReaderMutexLock lock(&mutex_);
  return layers_;
}

std::vector<LayeredDecider::LayerPtr> LayeredDecider::Concerned(
    const PolicyQuestion& question) const {
  if (question.categories.empty() || !asks_by_category() || !IsLayered(question.operation)) {
    return {};
  }
  const std::shared_ptr<const Layers> layers = this->layers();
  std::vector<size_t> places;
  for (const std::string& category : question.categories) {
    const auto found = layers->by_category.find(category);
    if (found == layers->by_category.end()) continue;
    places.insert(places.end(), found->second.begin(), found->second.end());
  }
  std::sort(places.begin(), places.end());
  places.erase(std::unique(places.begin(), places.end()), places.end());
  std::vector<LayerPtr> concerned;
  for (const size_t place : places) concerned.push_back(layers->all[place]);
  return concerned;
}

void LayeredDecider::Decide(PolicyQuestion question, absl::Duration timeout, Done done) {
  std::vector<LayerPtr> concerned = Concerned(question);
  if (concerned.empty()) return AskServer(std::move(question), timeout, std::move(done));
  const auto gathering = std::make_shared<Gathering>(concerned, std::move(done));
  for (size_t i = 0; i < concerned.size(); ++i) {
    PolicyDecider* const layer = concerned[i]->decider.get();
    if (layer == nullptr) {
      gathering->At(i + 1)(Undecided(kNoPolicies, Unusable(*concerned[i])));
    } else if (layer->Decides(question.operation)) {
      layer->Decide({question.operation, question.input_json}, timeout, gathering->At(i + 1));
    } else {
      gathering->At(i + 1)(NothingToSay());
    }
  }
  AskServer(std::move(question), timeout, gathering->At(0));
}

void LayeredDecider::AskServer(PolicyQuestion question, absl::Duration timeout, Done done) {
  if (!IsOptional(question.operation) || server_.Decides(question.operation)) {
    return server_.Decide(std::move(question), timeout, std::move(done));
  }
  PolicyAnswer answer = NothingToSay();
  answer.revision = kNobodyAsked;
  done(std::move(answer));
}

PolicyState LayeredDecider::State() {
  PolicyState state = server_.State();
  if (!asks_by_category()) return state;
  for (const LayerPtr& layer : layers()->all) {
    if (layer->decider != nullptr) continue;
    absl::StrAppend(&state.reason, state.reason.empty() ? "" : "; ", Unusable(*layer));
  }
  return state;
}

bool LayeredDecider::Decides(absl::string_view operation) {
  if (server_.Decides(operation)) return true;
  if (!asks_by_category() || !IsLayered(operation)) return false;
  const std::shared_ptr<const Layers> layers = this->layers();
  return std::any_of(layers->all.begin(), layers->all.end(), [&](const LayerPtr& layer) {
    return layer->decider == nullptr || layer->decider->Decides(operation);
  });
}

}  // namespace nexus::policy
