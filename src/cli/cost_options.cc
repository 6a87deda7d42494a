#include "cli/cost_options.h"

#include "absl/strings/str_cat.h"
#include "cli/exit_code.h"
#include "cli/files.h"
#include "cost/prices/price_file.h"
#include "nexus/core/status_macros.h"

namespace nexus::cli {
namespace {

constexpr uint64_t kDuplicatesMax = 100 * cost::kMillionths;

}  // namespace

void AddCostOptions(CLI::App& command, CostOptions& options) {
  command.add_option("--prices", options.prices, "A price file; - is standard input")
      ->type_name("FILE");
  command
      .add_option("--duplicates", options.duplicates,
                  "Sent again for each event that is sent: 0.01")
      ->type_name("SHARE");
  command
      .add_option("--compressed", options.compressed,
                  "What compression leaves of the bytes, on own machines: 0.4; default 1")
      ->type_name("SHARE");
  command.add_option("--consumers", options.consumers, "Each gets everything; default 1")
      ->check(CLI::Range(uint64_t{1}, uint64_t{1'000}))
      ->type_name("N");
  command.add_option("--batch", options.batch, "Events a request, where those are billed")
      ->check(CLI::Range(uint64_t{1}, uint64_t{10'000}))
      ->type_name("N");
  command.add_option("--streams", options.streams, "Where a stream has a price by the hour")
      ->check(CLI::Range(uint64_t{1}, uint64_t{10'000}))
      ->type_name("N");
}

absl::StatusOr<uint64_t> ParseMillionths(absl::string_view option, absl::string_view text,
                                         uint64_t min, uint64_t max) {
  constexpr uint64_t kPicoPerMillionth = cost::kPicoPerUnit / cost::kMillionths;
  const absl::StatusOr<uint64_t> pico = cost::ParsePico(text);
  if (pico.ok() && *pico % kPicoPerMillionth == 0 && *pico / kPicoPerMillionth >= min &&
      *pico / kPicoPerMillionth <= max) {
    return *pico / kPicoPerMillionth;
  }
  const auto bound = [](uint64_t millionths) {
    return absl::StrCat(static_cast<double>(millionths) / cost::kMillionths);
  };
  return UsageError(absl::StrCat(option, " ", text, ": a number from ", bound(min), " to ",
                                 bound(max), " of at most 6 decimal places is needed"));
}

absl::StatusOr<cost::Assumptions> AssumptionsOf(const CostOptions& options) {
  cost::Assumptions assumed;
  NEXUS_ASSIGN_OR_RETURN(assumed.duplicate_millionths,
                         ParseMillionths("--duplicates", options.duplicates, 0, kDuplicatesMax));
  NEXUS_ASSIGN_OR_RETURN(assumed.compressed_millionths,
                         ParseMillionths("--compressed", options.compressed, 1, cost::kMillionths));
  assumed.consumers = options.consumers;
  assumed.batch = options.batch;
  assumed.streams = options.streams;
  return assumed;
}

absl::StatusOr<cost::PriceList> PricesOf(Session& session, const CostOptions& options) {
  if (options.prices.empty()) return cost::ParsePrices(cost::ShippedPricesText());
  NEXUS_ASSIGN_OR_RETURN(const std::string text, ReadSource(options.prices, session.in()));
  return cost::ParsePrices(text);
}

}  // namespace nexus::cli
