#include "cost/prices/price_file.h"

#include <fstream>
#include <iterator>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/civil_time.h"
#include "cost/prices/shipped_prices.h"
#include "cost/prices/strict_map.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"

namespace nexus::cost {
namespace {

constexpr uint64_t kFormat = 1;
constexpr uint64_t kPerMax = 1'000'000'000'000;

constexpr uint64_t kPicoPerMillionth = kPicoPerUnit / kMillionths;
constexpr size_t kServicesMax = 64;
constexpr size_t kNameBytesMax = 64;

bool IsName(absl::string_view name) {
  if (name.empty() || name.size() > kNameBytesMax) return false;
  for (const unsigned char c : name) {
    if (!absl::ascii_islower(c) && !absl::ascii_isdigit(c) && c != '-') return false;
  }
  return true;
}

std::string KindNames() {
  return absl::StrJoin(AllKinds(), ", ", [](std::string* out, const KindFields& kind) {
    absl::StrAppend(out, kind.name);
  });
}

std::string Message(const absl::Status& status) {
  return std::string(status.message().data(), status.message().size());
}

Price ReadPrice(StrictMap& service, absl::string_view field) {
  StrictMap map = service.Map(field);
  Price price;
  if (!service.ok()) return price;
  const std::string amount = map.Text("price");
  if (map.Has("per")) price.rate.per = map.Number("per", 1, kPerMax);
  price.source = map.Text("source");
  price.checked = map.Flag("checked");
  price.text = amount;
  if (price.rate.per != 1) absl::StrAppend(&price.text, " per ", GroupedText(price.rate.per));
  if (map.ok()) {
    const absl::StatusOr<uint64_t> pico = ParsePico(amount);
    if (pico.ok()) {
      price.rate.pico = *pico;
    } else {
      map.Fail("price", Message(pico.status()));
    }
  }
  service.Take(map.Finish());
  return price;
}

uint64_t ReadNumber(StrictMap& service, const NumberField& field) {
  if (!field.share) return service.Number(field.name, field.min, field.max);
  const std::string text = service.Text(field.name);
  if (!service.ok()) return 0;
  const absl::StatusOr<uint64_t> pico = ParsePico(text);
  if (!pico.ok() || *pico > kPicoPerUnit || *pico % kPicoPerMillionth != 0) {
    service.Fail(field.name, absl::StrCat("a number from 0 to 1 of at most 6 decimal places is ",
                                          "needed here, not '", text, "'"));
    return 0;
  }
  return *pico / kPicoPerMillionth;
}

PricedService ReadService(StrictMap& services, const std::string& name) {
  PricedService service;
  service.name = name;
  if (!IsName(name)) services.Fail(name, "a name has 1 to 64 of a-z, 0-9 and -");
  StrictMap map = services.Map(name);
  if (!services.ok()) return service;
  const std::string kind = map.Text("kind");
  const std::optional<ServiceKind> known = ParseServiceKind(kind);
  if (!known.has_value()) {
    map.Fail("kind", absl::StrCat("'", kind.substr(0, kNameBytesMax),
                                  "' is not known; known are: ", KindNames()));
  }
  if (map.ok()) {
    service.kind = *known;
    service.comment =
        service.kind == ServiceKind::kUnpriced ? map.Text("why") : map.OptionalText("comment");
    const KindFields& fields = FieldsOf(service.kind);
    for (const absl::string_view field : fields.prices) {
      service.prices[std::string(field)] = ReadPrice(map, field);
    }
    for (const NumberField& field : fields.numbers) {
      service.numbers[std::string(field.name)] = ReadNumber(map, field);
    }
  }
  services.Take(map.Finish());
  return service;
}

void ReadServices(StrictMap& root, PriceList& prices) {
  StrictMap services = root.Map("services");
  if (!root.ok()) return;
  if (services.Names().empty()) root.Fail("services", "there is no service");
  if (services.Names().size() > kServicesMax) {
    root.Fail("services", absl::StrCat("there are more than ", kServicesMax));
    return;
  }
  for (const std::string& name : services.Names()) {
    prices.services[name] = ReadService(services, name);
  }
  root.Take(services.Finish());
}

void ReadSinks(StrictMap& root, PriceList& prices) {
  StrictMap sinks = root.Map("sinks");
  if (!root.ok()) return;
  for (const std::string& kind : sinks.Names()) {
    const std::string service = sinks.Text(kind);
    if (sinks.ok() && prices.Find(service) == nullptr) {
      sinks.Fail(kind, absl::StrCat("there is no service '", service, "'"));
    }
    prices.sinks[kind] = service;
  }
  root.Take(sinks.Finish());
}

absl::StatusOr<PriceList> Read(const YAML::Node& document) {
  StrictMap root(document, "");
  PriceList prices;
  root.Number("format", kFormat, kFormat);
  prices.as_of = root.Text("as_of");
  prices.region = root.Text("region");
  prices.currency = root.Text("currency");
  absl::CivilDay day;
  if (root.ok() && (prices.as_of.size() != 10 || !absl::ParseCivilTime(prices.as_of, &day))) {
    root.Fail("as_of",
              absl::StrCat("a date like 2026-11-27 is needed here, not '", prices.as_of, "'"));
  }
  const bool code = prices.currency.size() == 3 && absl::ascii_isupper(prices.currency[0]) &&
                    absl::ascii_isupper(prices.currency[1]) &&
                    absl::ascii_isupper(prices.currency[2]);
  if (!code) {
    root.Fail("currency", absl::StrCat("a code of three capital letters like USD is needed here, ",
                                       "not '", prices.currency, "'"));
  }
  if (root.ok()) ReadServices(root, prices);
  if (root.ok()) ReadSinks(root, prices);
  NEXUS_RETURN_IF_ERROR(root.Finish());
  return prices;
}

}  // namespace

absl::StatusOr<PriceList> ParsePrices(absl::string_view yaml) {
  if (yaml.size() > kPriceFileBytesMax) {
    return PriceFault("", 0, absl::StrCat("it has more than ", kPriceFileBytesMax, " bytes"));
  }
  try {
    const std::vector<YAML::Node> documents = YAML::LoadAll(std::string(yaml));
    if (documents.size() != 1) return PriceFault("", 0, "one YAML document is needed");
    return Read(documents[0]);
  } catch (const YAML::Exception& bad) {
    return PriceFault("", bad.mark.is_null() ? 0 : bad.mark.line + 1,
                      absl::StrCat("it is no YAML: ", bad.msg));
  } catch (const std::exception& bad) {
    return PriceFault("", 0, absl::StrCat("it is no YAML: ", bad.what()));
  }
}

absl::StatusOr<PriceList> ReadPriceFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text(kPriceFileBytesMax + 1, '\0');
  if (file) file.read(text.data(), static_cast<std::streamsize>(text.size()));
  // A folder can be opened, but not read.
  if (!file.eof() && !file.good()) {
    return MakeError(ErrorReason::kConfigurationInvalid,
                     absl::StrCat("the price file ", path, " cannot be read"));
  }
  text.resize(static_cast<size_t>(file.gcount()));
  absl::StatusOr<PriceList> prices = ParsePrices(text);
  if (prices.ok()) return prices;
  return MakeError(absl::StrCat(path, ": ", Message(prices.status())), DetailsOf(prices.status()));
}

absl::string_view ShippedPricesText() { return kShippedPrices; }

}  // namespace nexus::cost
