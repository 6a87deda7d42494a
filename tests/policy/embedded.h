#pragma once

// The embedded decider with all that it needs around it.

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "fake/recording_metrics.h"
#include "gtest/gtest.h"
#include "policy/steady_clock.h"
#include "policy/wasm/embedded_decider.h"
#include "script/spidermonkey/spidermonkey_engine.h"

namespace nexus::policy {

class Embedded {
 public:
  Embedded() : engine_(*script::SpiderMonkeyEngine::Create(clock_)) {}

  absl::Status Start(std::optional<WasmBundle> bundle, const EmbeddedDeciderOptions& options = {}) {
    decider_.reset();
    auto decider = EmbeddedDecider::Create(std::move(bundle), options, *engine_, clock_, metrics_);
    if (!decider.ok()) return decider.status();
    decider_ = *std::move(decider);
    return absl::OkStatus();
  }

  EmbeddedDecider& decider() { return *decider_; }
  script::ScriptEngine& engine() { return *engine_; }
  double Decisions(const std::string& source) {
    return metrics_.Value("nexus_policy_decisions_total{source=" + source + "}");
  }
  fake::RecordingMetrics& metrics() { return metrics_; }

 private:
  SteadyClock clock_;
  fake::RecordingMetrics metrics_;
  std::unique_ptr<script::SpiderMonkeyEngine> engine_;
  std::unique_ptr<EmbeddedDecider> decider_;
};

}  // namespace nexus::policy
