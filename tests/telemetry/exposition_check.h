#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace nexus::telemetry {

// What is wrong with a page in the text format of Prometheus: lines that do not parse, families
// without HELP or TYPE or in two places, series that are there twice, histograms whose buckets do
// not grow or do not end at the count. Empty: nothing.
class ExpositionCheck {
 public:
  static std::vector<std::string> Faults(const std::string& page) {
    ExpositionCheck check;
    if (!page.empty() && page.back() != '\n') check.Fault("no line break at the end", "");
    for (const absl::string_view line : absl::StrSplit(page, '\n', absl::SkipEmpty())) {
      check.Line(std::string(line));
    }
    return check.faults_;
  }

 private:
  void Fault(const std::string& what, const std::string& line) {
    faults_.push_back(absl::StrCat(what, ": ", line));
  }

  void Line(const std::string& line) {
    if (absl::StartsWith(line, "# HELP ")) {
      const std::vector<std::string> parts = absl::StrSplit(line, absl::MaxSplits(' ', 3));
      family_ = parts.size() > 2 ? parts[2] : "";
      if (parts.size() < 4 || parts[3].empty()) Fault("no help", line);
      if (!families_.insert(family_).second) Fault("a family in two places", line);
      type_.clear();
    } else if (absl::StartsWith(line, "# TYPE ")) {
      const std::vector<std::string> parts = absl::StrSplit(line, ' ');
      if (parts.size() != 4 || parts[2] != family_) return Fault("TYPE without its HELP", line);
      type_ = parts[3];
      if (type_ == "counter" && !absl::EndsWith(family_, "_total")) Fault("counter's name", line);
    } else if (line[0] != '#') {
      Sample(line);
    }
  }

  void Sample(const std::string& line) {
    size_t at = 0;
    const auto is_name = [](char c) { return absl::ascii_isalnum(c) || c == '_' || c == ':'; };
    while (at < line.size() && is_name(line[at])) ++at;
    const std::string name = line.substr(0, at);
    std::map<std::string, std::string> labels;
    if (at < line.size() && line[at] == '{' && !Labels(line, at, labels)) {
      return Fault("labels do not parse", line);
    }
    double value = 0;
    if (at >= line.size() || line[at] != ' ' || !Number(line.substr(at + 1), value)) {
      return Fault("no value", line);
    }
    if (type_.empty()) Fault("sample without a TYPE", line);
    if (!series_.insert(line.substr(0, at)).second) Fault("series is there twice", line);
    if (type_ == "histogram") {
      Histogram(name, labels, value, line);
    } else if (name != family_) {
      Fault("sample of another family", line);
    }
  }

  static bool Number(const std::string& text, double& value) {
    return absl::SimpleAtod(text, &value) || text == "+Inf" || text == "-Inf" || text == "NaN";
  }

  static bool Labels(const std::string& line, size_t& at, std::map<std::string, std::string>& out) {
    ++at;
    while (at < line.size() && line[at] != '}') {
      const size_t equals = line.find("=\"", at);
      if (equals == std::string::npos) return false;
      size_t end = equals + 2;
      while (end < line.size() && line[end] != '"') end += line[end] == '\\' ? 2 : 1;
      if (end >= line.size()) return false;
      if (!out.emplace(line.substr(at, equals - at), line.substr(equals + 2, end - equals - 2))
               .second) {
        return false;
      }
      at = end + 1;
      if (at < line.size() && line[at] == ',') ++at;
    }
    return at < line.size() && line[at++] == '}';
  }

  void Histogram(const std::string& name, std::map<std::string, std::string> labels, double value,
                 const std::string& line) {
    if (name == family_ + "_bucket") {
      const std::string bound = labels["le"];
      labels.erase("le");
      if (value < last_bucket_[labels]) Fault("buckets do not grow", line);
      last_bucket_[labels] = value;
      if (bound == "+Inf" && value != count_[labels])
        Fault("buckets do not end at the count", line);
    } else if (name == family_ + "_count") {
      count_[labels] = value;
      last_bucket_[labels] = 0;
    } else if (name != family_ + "_sum") {
      Fault("sample of another family", line);
    }
  }

  std::vector<std::string> faults_;
  std::string family_;
  std::string type_;
  std::set<std::string> families_;
  std::set<std::string> series_;
  std::map<std::map<std::string, std::string>, double> last_bucket_;
  std::map<std::map<std::string, std::string>, double> count_;
};

}  // namespace nexus::telemetry
