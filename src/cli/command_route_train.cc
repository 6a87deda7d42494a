// nexusctl route train

#include <optional>

#include "absl/strings/str_cat.h"
#include "cli/commands.h"
#include "cli/files.h"
#include "cli/labelled_event.h"
#include "cli/line_reader.h"
#include "cli/training_report.h"
#include "nexus/client/route.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"
#include "route/declaration/classification.h"
#include "route/learned/training.h"
#include "schema/json/simd_json_reader.h"

namespace nexus::cli {
namespace {

using route::learned::TrainingSet;

constexpr size_t kLineBytesMax = 4 << 20;

struct TrainOptions {
  std::vector<std::string> files;
  std::string out;
  std::string labels = "declared";
  std::string rules;
  std::string group = "stream";
  std::vector<std::string> ignored;
  std::optional<double> threshold;
  double held_out = 0.2;
  uint64_t events = 100'000;
  route::learned::TrainingOptions fit;
};

// What the training looks at, and what was left out.
struct Examples {
  TrainingSet set;
  route::CriticalityRules rules;
  bool group_by_event = false;
  uint64_t unlabelled = 0;
};

absl::StatusOr<route::CriticalityRules> RulesFor(Session& session, const TrainOptions& options) {
  schema::SimdJsonReader json;
  if (!options.rules.empty()) {
    NEXUS_ASSIGN_OR_RETURN(const std::string text, ReadSource(options.rules, session.in()));
    return route::ParseClassification(text, json);
  }
  if (!options.files.empty()) return route::CriticalityRules();
  NEXUS_ASSIGN_OR_RETURN(client::Client * client, session.Connect());
  NEXUS_ASSIGN_OR_RETURN(const auto now, client::RouteClient(*client).GetClassification());
  return route::ParseClassification(now.classification(), json);
}

absl::Status AddExample(const RecordedEvent& event, bool critical, absl::string_view group,
                        Examples& examples) {
  const route::Verdict verdict = route::Judge(examples.rules, event);
  if (examples.set.Add(event, critical, group, verdict.score,
                       verdict.path == route::Path::kCritical)) {
    return absl::OkStatus();
  }
  return MakeError(ErrorReason::kLimitExceeded,
                   absl::StrCat("more than ", route::learned::kExamplesMax,
                                " events: give fewer files, or fewer --events"));
}

absl::Status AddFile(const std::string& name, std::istream& in, Examples& examples) {
  LineReader lines(in, kLineBytesMax);
  while (lines.Next()) {
    if (lines.text().empty()) continue;
    const auto labelled = ParseLabelledEvent(lines.text());
    if (!labelled.ok() || lines.is_cut()) {
      const std::string why(labelled.ok() ? "it is longer than 4 MiB"
                                          : labelled.status().message());
      return MakeError(ErrorReason::kMalformedRequest,
                       absl::StrCat(name, ", line ", lines.number(), ": ", why));
    }
    const std::string& id = labelled->event.event.event_id;
    const std::string& of_event = id.empty() ? lines.text() : id;
    NEXUS_RETURN_IF_ERROR(AddExample(RecordedOf(labelled->event), labelled->critical,
                                     examples.group_by_event ? of_event : labelled->event.stream,
                                     examples));
  }
  if (!in.bad()) return absl::OkStatus();
  return MakeError(ErrorReason::kInternal, absl::StrCat("cannot read ", name));
}

absl::Status AddFiles(Session& session, const TrainOptions& options, Examples& examples) {
  for (const std::string& name : options.files) {
    if (name == "-") {
      NEXUS_RETURN_IF_ERROR(AddFile("standard input", session.in(), examples));
      continue;
    }
    NEXUS_ASSIGN_OR_RETURN(std::ifstream file, OpenFile(name));
    NEXUS_RETURN_IF_ERROR(AddFile(name, file, examples));
  }
  return absl::OkStatus();
}

// The label of a stored event; nothing if it has none. What was declared is taken from the event:
// the rules would only repeat it.
std::optional<bool> LabelOf(RecordedEvent& event, const TrainOptions& options,
                            const route::CriticalityRules& rules) {
  if (options.labels == "rules") return route::Judge(rules, event).path == route::Path::kCritical;
  const Criticality declared = event.routing.criticality;
  if (declared != Criticality::kHigh && declared != Criticality::kLow) return std::nullopt;
  event.routing.criticality = Criticality::kUnspecified;
  return declared == Criticality::kHigh;
}

absl::Status AddLog(Session& session, const TrainOptions& options, Examples& examples) {
  NEXUS_ASSIGN_OR_RETURN(client::Client * client, session.Connect());
  client::ReadOptions read;
  read.exclude_system = true;
  read.direction = Direction::kBackward;
  read.limit = options.events;
  const auto stream = client->Read(read);
  while (true) {
    NEXUS_ASSIGN_OR_RETURN(std::optional<EventBatch> page, stream->Next());
    if (!page) return absl::OkStatus();
    for (RecordedEvent& event : page->events) {
      const std::optional<bool> label = LabelOf(event, options, examples.rules);
      if (!label) {
        ++examples.unlabelled;
        continue;
      }
      const std::string group =
          examples.group_by_event ? event.id.ToString() : std::string(event.stream);
      NEXUS_RETURN_IF_ERROR(AddExample(event, *label, group, examples));
    }
  }
}

absl::Status CheckOptions(const TrainOptions& options) {
  if (!(options.held_out > 0 && options.held_out < 1)) {
    return UsageError("--hold-out lies between 0 and 1");
  }
  if (!(options.fit.l2 >= 1e-6 && options.fit.l2 <= 1e6)) {
    return UsageError("--l2 is 0.000001 to 1000000");
  }
  if (options.threshold && !(*options.threshold >= 0 && *options.threshold <= 1)) {
    return UsageError("--threshold is 0 to 1");
  }
  if (options.fit.features_max < 1 || options.fit.features_max > route::kModelFeaturesMax) {
    return UsageError(absl::StrCat("--features is 1 to ", route::kModelFeaturesMax));
  }
  if (options.events < 1 || options.events > route::learned::kExamplesMax) {
    return UsageError(absl::StrCat("--events is 1 to ", route::learned::kExamplesMax));
  }
  return absl::OkStatus();
}

void SayWhatWasLeftOut(Session& session, const Examples& examples,
                       const route::learned::Trained& trained) {
  if (examples.unlabelled > 0) {
    session.Note(absl::StrCat(examples.unlabelled,
                              " events declare neither high nor low and were left out"));
  }
  if (examples.set.unseen_names() > 0) {
    session.Note(
        "metadata has more distinct values than are looked at, such as an id that differs "
        "from event to event (--ignore-metadata leaves a key out)");
  }
  if (!trained.report.converged) {
    session.Note("warning: the fit has not come to its end; a larger --l2 helps");
  }
}

absl::StatusOr<ExitCode> Train(Session& session, const TrainOptions& options) {
  NEXUS_RETURN_IF_ERROR(CheckOptions(options));
  TrainingSet::Options set;
  set.held_out = options.held_out;
  set.ignored_metadata.insert(options.ignored.begin(), options.ignored.end());
  NEXUS_ASSIGN_OR_RETURN(route::CriticalityRules rules, RulesFor(session, options));
  Examples examples{TrainingSet(std::move(set)), std::move(rules), options.group == "event"};
  route::learned::TrainingOptions fit = options.fit;
  fit.threshold = options.threshold.value_or(examples.rules.threshold);
  fit.labels = options.files.empty() ? options.labels : "file";
  NEXUS_RETURN_IF_ERROR(options.files.empty() ? AddLog(session, options, examples)
                                              : AddFiles(session, options, examples));
  NEXUS_ASSIGN_OR_RETURN(const route::learned::Trained trained,
                         route::learned::Train(examples.set, fit));
  NEXUS_RETURN_IF_ERROR(
      ReplaceFile(options.out, absl::StrCat(route::ModelText(*trained.model), "\n")));
  SayWhatWasLeftOut(session, examples, trained);
  PrintObject(session.out(), session.style(), TrainingFields(trained), TrainingJson(trained));
  return ExitCode::kOk;
}

}  // namespace

void AddRouteTrainCommand(CLI::App& route, Chosen& chosen) {
  auto options = std::make_shared<TrainOptions>();
  CLI::App* train = route.add_subcommand("train", "Fit a model of criticality to events");
  train->add_option("FILE", options->files,
                    "A labelled event a line, in JSON; - is standard input; without it the log");
  train->add_option("--out", options->out, "The model file that is written")->required();
  train
      ->add_option("--label", options->labels,
                   "Of events of the log: what they declare, or what the rules of now say")
      ->check(CLI::IsMember({"declared", "rules"}));
  train->add_option("--events", options->events, "The newest of the log; default 100000")
      ->type_name("N");
  train->add_option("--rules", options->rules, "The rules to compare with; default those of now");
  train->add_option("--threshold", options->threshold, "Of the report; default that of the rules");
  train->add_option("--hold-out", options->held_out, "The share that only measures; default 0.2");
  train->add_option("--split", options->group, "What is held out as a whole; default stream")
      ->check(CLI::IsMember({"stream", "event"}));
  train->add_option("--l2", options->fit.l2, "The penalty on weights; default 1");
  train->add_option("--features", options->fit.features_max, "The commonest; default 1000")
      ->type_name("N");
  train->add_option("--min-events", options->fit.events_min, "Of a feature; default 5")
      ->type_name("N");
  train->add_option("--ignore-metadata", options->ignored, "A key that is left out; repeatable");
  OnChosenReaching(train, chosen, options, Train, [](const TrainOptions& of) {
    return of.files.empty() ? Reach::kServer : Reach::kLocal;
  });
}

}  // namespace nexus::cli
