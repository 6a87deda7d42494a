#include "graph/declared/service_list.h"

#include <functional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"

namespace nexus::graph {
namespace {

// Calls `take(key, value)` for each member of a map; a fault if it is none.
void ForEachMember(const Yaml& map, YamlTree& tree, absl::string_view what,
                   const std::function<void(const std::string&, const Yaml&, SourcePlace)>& take) {
  if (map.node.IsNull()) return;
  if (!map.IsMap()) return tree.AddFault(map.place(), absl::StrCat(what, " is not a map"));
  for (const auto& member : map.node) {
    const Yaml key{member.first, map.file};
    if (!key.Text().has_value() || key.Text()->empty()) {
      tree.AddFault(key.place(), absl::StrCat("a name in ", what, " is not text"));
      continue;
    }
    take(*key.Text(), {member.second, map.file}, key.place());
  }
}

void ForEachItem(const Yaml& list, YamlTree& tree, absl::string_view what,
                 const std::function<void(const Yaml&)>& take) {
  if (list.node.IsNull()) return;
  if (!list.IsList()) return tree.AddFault(list.place(), absl::StrCat(what, " is not a list"));
  for (const auto& item : list.node) take({item, list.file});
}

void UnknownKey(YamlTree& tree, const SourcePlace& place, absl::string_view key,
                absl::string_view known) {
  tree.AddFault(place, absl::StrCat("unknown key \"", key, "\"; known are ", known));
}

// An item is a text, or a map of texts: its `main` member and another that may be there.
void ReadItem(const Yaml& item, YamlTree& tree, absl::string_view main, std::string& value,
              absl::string_view other, std::string& other_value) {
  if (const auto text = item.Text()) {
    value = *text;
  } else if (item.IsMap()) {
    ForEachMember(
        item, tree, "an item",
        [&](const std::string& key, const Yaml& node, const SourcePlace& place) {
          std::string* field = key == main ? &value : key == other ? &other_value : nullptr;
          if (field == nullptr)
            return UnknownKey(tree, place, key, absl::StrCat(main, ", ", other));
          const auto words = node.Text();
          if (!words.has_value()) return tree.AddFault(place, absl::StrCat(key, " is not text"));
          *field = *words;
        });
  }
  if (value.empty()) tree.AddFault(item.place(), absl::StrCat("names no ", main));
}

void ReadUses(const Yaml& list, YamlTree& tree, const std::string& what,
              std::vector<DeclaredUse>& uses) {
  ForEachItem(list, tree, what, [&](const Yaml& item) {
    DeclaredUse use{"", "", item.place()};
    ReadItem(item, tree, "type", use.type, "category", use.category);
    if (!use.type.empty()) uses.push_back(std::move(use));
  });
}

void ReadCalls(const Yaml& list, YamlTree& tree, std::vector<DeclaredCall>& calls) {
  ForEachItem(list, tree, "calls", [&](const Yaml& item) {
    DeclaredCall call;
    call.place = item.place();
    ReadItem(item, tree, "service", call.peer, "because", call.because);
    call.what = absl::StrCat("calls ", call.peer);
    if (!call.peer.empty()) calls.push_back(std::move(call));
  });
}

void ReadPrincipals(const Yaml& list, YamlTree& tree, std::vector<std::string>& principals) {
  ForEachItem(list, tree, "principals", [&](const Yaml& item) {
    const auto name = item.Text();
    if (!name.has_value()) return tree.AddFault(item.place(), "a principal is not text");
    principals.push_back(*name);
  });
}

DeclaredService ReadService(const std::string& name, const Yaml& body, const SourcePlace& place,
                            YamlTree& tree) {
  DeclaredService service;
  service.name = name;
  service.place = place;
  ForEachMember(body, tree, name,
                [&](const std::string& key, const Yaml& value, const SourcePlace& at) {
                  if (key == "publishes") return ReadUses(value, tree, key, service.publishes);
                  if (key == "consumes") return ReadUses(value, tree, key, service.consumes);
                  if (key == "calls") return ReadCalls(value, tree, service.calls);
                  if (key == "principals") return ReadPrincipals(value, tree, service.principals);
                  if (key == "description") return;
                  UnknownKey(tree, at, key, "publishes, consumes, calls, principals, description");
                });
  return service;
}

}  // namespace

void ReadServiceList(const Yaml& root, YamlTree& tree, std::vector<DeclaredService>& services) {
  ForEachMember(root, tree, "the document",
                [&](const std::string& key, const Yaml& value, const SourcePlace& place) {
                  if (key != "services") return UnknownKey(tree, place, key, "services");
                  ForEachMember(
                      value, tree, key,
                      [&](const std::string& name, const Yaml& body, const SourcePlace& at) {
                        services.push_back(ReadService(name, body, at, tree));
                      });
                });
}

}  // namespace nexus::graph
