// The file of a model, read and written.

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "declaration/strict_object.h"
#include "nexus/core/json_text.h"
#include "nexus/core/status_macros.h"
#include "route/declaration/criticality_model.h"

namespace nexus::route {
namespace {

constexpr size_t kNameShownMax = 64;

template <typename Map>
std::vector<const typename Map::value_type*> Sorted(const Map& map) {
  std::vector<const typename Map::value_type*> items;
  items.reserve(map.size());
  for (const auto& item : map) items.push_back(&item);
  std::sort(items.begin(), items.end(),
            [](const auto* a, const auto* b) { return a->first < b->first; });
  return items;
}

// The shortest decimal number.
std::string Decimal(Millionths value) {
  const uint64_t magnitude = value < 0 ? -static_cast<uint64_t>(value) : value;
  std::string out = absl::StrCat(value < 0 ? "-" : "", magnitude / kOne);
  std::string fraction = absl::StrFormat("%06d", magnitude % kOne);
  while (!fraction.empty() && fraction.back() == '0') fraction.pop_back();
  if (!fraction.empty()) absl::StrAppend(&out, ".", fraction);
  return out;
}

std::string WeightsJson(const FeatureWeights& weights) {
  std::string out = "{";
  for (const auto* item : Sorted(weights)) {
    absl::StrAppend(&out, out.size() > 1 ? "," : "", JsonString(item->first), ":",
                    Decimal(item->second));
  }
  return out + "}";
}

std::string MetadataJson(const absl::flat_hash_map<std::string, MetadataWeights>& metadata) {
  std::string out = "{";
  for (const auto* item : Sorted(metadata)) {
    absl::StrAppend(&out, out.size() > 1 ? "," : "", JsonString(item->first),
                    ":{\"present\":", Decimal(item->second.present),
                    ",\"values\":", WeightsJson(item->second.values), "}");
  }
  return out + "}";
}

// Names of events are not for people to type: only their number and length are bounded.
void ReadWeights(declaration::StrictObject& model, absl::string_view name, JsonReader& json,
                 FeatureWeights& out) {
  if (!model.Has(name)) return;
  std::string text;
  model.Json(name, text);
  if (!model.status().ok()) return;
  declaration::StrictObject object(json, text, model.PointerOf(name));
  for (const std::string& feature : object.Names()) {
    if (feature.size() > kFeatureNameBytesMax) {
      object.Fail(declaration::EscapedForPointer(feature.substr(0, kNameShownMax)),
                  absl::StrCat("its name has more than ", kFeatureNameBytesMax, " bytes"));
    }
    object.Decimal(feature, out[feature], kWeightMax);
  }
  model.Take(object.Finish());
}

void ReadMetadata(declaration::StrictObject& model, JsonReader& json, ModelWeights& out) {
  if (!model.Has("metadata")) return;
  std::string text;
  model.Json("metadata", text);
  if (!model.status().ok()) return;
  declaration::StrictObject keys(json, text, model.PointerOf("metadata"));
  for (const std::string& key : keys.Names()) {
    if (key.size() > kFeatureNameBytesMax) {
      keys.Fail(declaration::EscapedForPointer(key.substr(0, kNameShownMax)),
                absl::StrCat("its name has more than ", kFeatureNameBytesMax, " bytes"));
    }
    std::string inner;
    keys.Json(key, inner);
    if (!keys.status().ok()) break;
    declaration::StrictObject one(json, inner, keys.PointerOf(declaration::EscapedForPointer(key)));
    MetadataWeights& weights = out.metadata[key];
    one.Decimal("present", weights.present, kWeightMax);
    ReadWeights(one, "values", json, weights.values);
    keys.Take(one.Finish());
  }
  model.Take(keys.Finish());
}

void ReadOrigin(declaration::StrictObject& model, JsonReader& json, ModelOrigin& out) {
  if (!model.Has("origin")) return;
  std::string text;
  model.Json("origin", text);
  if (!model.status().ok()) return;
  declaration::StrictObject origin(json, text, model.PointerOf("origin"));
  origin.Text("labels", out.labels);
  origin.Number("events", out.events, 0, INT64_MAX);
  origin.Number("critical", out.critical, 0, INT64_MAX);
  origin.Number("held_out", out.held_out, 0, INT64_MAX);
  origin.Decimal("l2", out.l2, int64_t{1'000'000} * kOne);
  model.Take(origin.Finish());
}

}  // namespace

std::string ModelText(const ModelWeights& weights, const ModelOrigin& origin) {
  return absl::StrCat("{\"format\":", kModelFormat, ",\"intercept\":", Decimal(weights.intercept),
                      ",\"size\":", Decimal(weights.size),
                      ",\"types\":", WeightsJson(weights.types),
                      ",\"categories\":", WeightsJson(weights.categories),
                      ",\"metadata\":", MetadataJson(weights.metadata),
                      ",\"origin\":{\"labels\":", JsonString(origin.labels),
                      ",\"events\":", origin.events, ",\"critical\":", origin.critical,
                      ",\"held_out\":", origin.held_out, ",\"l2\":", Decimal(origin.l2), "}}");
}

std::string ModelText(const CriticalityModel& model) {
  std::string out = ModelText(model.weights(), model.origin());
  out.pop_back();
  return absl::StrCat(out, ",\"digest\":\"", model.digest(), "\"}");
}

absl::StatusOr<CriticalityModelPtr> ParseModel(absl::string_view text, JsonReader& json,
                                               const std::string& pointer) {
  if (text.size() > kModelBytesMax) {
    return declaration::DeclarationFault(
        pointer, absl::StrCat("the model has ", text.size(), " bytes; at most ", kModelBytesMax));
  }
  declaration::StrictObject object(json, text, pointer);
  uint64_t format = 0;
  std::string digest;
  ModelWeights weights;
  ModelOrigin origin;
  object.Require("format");
  object.Number("format", format, kModelFormat, kModelFormat);
  object.Require("digest");
  object.Text("digest", digest);
  object.Require("intercept");
  object.Decimal("intercept", weights.intercept, kWeightMax);
  object.Decimal("size", weights.size, kWeightMax);
  ReadWeights(object, "types", json, weights.types);
  ReadWeights(object, "categories", json, weights.categories);
  ReadMetadata(object, json, weights);
  ReadOrigin(object, json, origin);
  NEXUS_RETURN_IF_ERROR(object.Finish());
  auto model = std::make_shared<CriticalityModel>(std::move(weights), std::move(origin));
  if (model->feature_count() > kModelFeaturesMax) {
    return declaration::DeclarationFault(
        pointer, absl::StrCat("the model has ", model->feature_count(), " features; at most ",
                              kModelFeaturesMax));
  }
  if (model->digest() != digest) {
    return declaration::DeclarationFault(
        object.PointerOf("digest"),
        absl::StrCat("it is not that of this model, which is ", model->digest(),
                     ": somebody has changed the file"));
  }
  return model;
}

}  // namespace nexus::route
