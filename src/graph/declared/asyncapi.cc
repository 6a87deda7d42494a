#include "graph/declared/asyncapi.h"

#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "nexus/core/stream_name.h"

namespace nexus::graph {
namespace {

// A message that travels so reaches one receiver, and no log.
bool IsPointToPoint(absl::string_view protocol) {
  static const std::set<absl::string_view>& protocols =
      *new std::set<absl::string_view>{"http", "https", "ws", "wss", "grpc", "grpcs"};
  return protocols.contains(protocol);
}

class AsyncApiDocument {
 public:
  AsyncApiDocument(const Yaml& root, YamlTree& tree) : root_(root), tree_(tree) {}

  std::optional<DeclaredService> Read() {
    const Yaml version = *root_.Member("asyncapi");
    const auto text = version.Text();
    if (!text.has_value() || !absl::StartsWith(*text, "3.")) {
      tree_.AddFault(version.place(), absl::StrCat("asyncapi is \"", text.value_or(""),
                                                   "\"; version 3 is understood"));
      return std::nullopt;
    }
    if (!ReadName()) return std::nullopt;
    const std::optional<Yaml> operations = root_.Member("operations");
    if (!operations.has_value()) return std::move(service_);
    if (!operations->IsMap()) {
      tree_.AddFault(operations->place(), "operations is not a map");
      return std::nullopt;
    }
    for (const auto& member : operations->node) {
      const std::optional<Yaml> operation = tree_.Resolve({member.second, root_.file});
      if (operation.has_value()) ReadOperation(*operation);
    }
    return std::move(service_);
  }

 private:
  struct Channel {
    Yaml node;
    std::string category = {};  // empty: any
    std::string protocol = {};  // of a server that is no log; empty: there is none
  };
  struct Message {
    std::string type;
    SourcePlace place;
  };

  void Fault(const Yaml& at, std::string message) {
    tree_.AddFault(at.place(), std::move(message));
  }

  bool ReadName() {
    const std::optional<Yaml> info = root_.Member("info");
    std::optional<Yaml> name = root_.Member("x-nexus-service");
    if (!name.has_value() && info.has_value()) name = info->Member("title");
    const auto text = name.has_value() ? name->Text() : std::nullopt;
    if (!text.has_value() || text->empty()) {
      Fault(root_, "names no service: neither x-nexus-service nor info.title");
      return false;
    }
    service_.name = *text;
    service_.place = name->place();
    if (const auto principals = root_.Member("x-nexus-principals")) {
      if (!principals->IsList()) {
        Fault(*principals, "x-nexus-principals is not a list");
        return false;
      }
      for (const auto& one : principals->node) {
        if (one.IsScalar()) service_.principals.push_back(one.Scalar());
      }
    }
    return true;
  }

  void ReadOperation(const Yaml& operation) {
    const auto action = operation.Member("action");
    const std::string word = action.has_value() ? action->Text().value_or("") : "";
    if (word != "send" && word != "receive") {
      return Fault(operation, absl::StrCat("action is \"", word, "\"; it is send or receive"));
    }
    const auto reference = operation.Member("channel");
    if (!reference.has_value()) return Fault(operation, "the operation has no channel");
    const std::optional<Channel> channel = ReadChannel(*reference);
    if (!channel.has_value()) return;
    const auto chosen = operation.Member("messages");
    for (const Message& message :
         chosen.has_value() ? Listed(*chosen) : AllOf(operation, channel->node)) {
      AddUse({message.type, channel->category, message.place},
             word == "send" ? service_.publishes : service_.consumes);
      LookForCall(operation, *channel, message);
    }
  }

  // Two operations may send the same message.
  static void AddUse(DeclaredUse use, std::vector<DeclaredUse>& uses) {
    const bool is_known = std::any_of(uses.begin(), uses.end(), [&](const DeclaredUse& known) {
      return known.type == use.type && known.category == use.category;
    });
    if (!is_known) uses.push_back(std::move(use));
  }

  void LookForCall(const Yaml& operation, const Channel& channel, const Message& message) {
    if (operation.Member("reply").has_value()) {
      service_.calls.push_back(
          {"", "", absl::StrCat("expects a reply to ", message.type), operation.place()});
    } else if (!channel.protocol.empty()) {
      service_.calls.push_back({"", "",
                                absl::StrCat("passes ", message.type, " by ", channel.protocol),
                                operation.place()});
    }
  }

  std::optional<Channel> ReadChannel(const Yaml& reference) {
    const std::optional<Yaml> node = tree_.Resolve(reference);
    if (!node.has_value()) return std::nullopt;
    if (!node->IsMap()) {
      Fault(*node, "a channel is not a map");
      return std::nullopt;
    }
    Channel channel{*node};
    if (const auto address = node->Member("address")) {
      const std::string text = address->node.IsNull() ? "" : address->Text().value_or("");
      // A parameter in the category's place can be any.
      const absl::string_view category = StreamName::CategoryOf(text);
      if (!absl::StrContains(category, '{')) channel.category = std::string(category);
    }
    const auto own = node->Member("servers");
    const auto servers = own.has_value() ? own : root_.Member("servers");
    if (!servers.has_value() || !(servers->IsList() || servers->IsMap())) return channel;
    for (const auto& entry : servers->node) {
      const Yaml item{servers->IsMap() ? entry.second : entry, servers->file};
      const std::optional<Yaml> server = tree_.Resolve(item);
      const auto protocol = server.has_value() ? server->Member("protocol") : std::nullopt;
      const std::string text = protocol.has_value() ? protocol->Text().value_or("") : "";
      if (IsPointToPoint(text)) channel.protocol = text;
    }
    return channel;
  }

  // The operation is where they are used: the channel may stand in a file of others.
  std::vector<Message> AllOf(const Yaml& operation, const Yaml& channel) {
    std::vector<Message> messages;
    const auto all = channel.Member("messages");
    if (!all.has_value() || !all->IsMap() || all->node.size() == 0) {
      Fault(channel, "the channel has no messages, and the operation names none");
      return messages;
    }
    for (const auto& member : all->node) {
      AddMessage({member.second, all->file}, member.first.Scalar(), operation.place(), messages);
    }
    return messages;
  }

  std::vector<Message> Listed(const Yaml& list) {
    std::vector<Message> messages;
    if (!list.IsList()) {
      Fault(list, "messages is not a list");
      return messages;
    }
    for (const auto& item : list.node)
      AddMessage({item, list.file}, "", Yaml{item, list.file}.place(), messages);
    return messages;
  }

  // Its `name`, else the last key that leads to it.
  void AddMessage(const Yaml& from, std::string key, const SourcePlace& place,
                  std::vector<Message>& messages) {
    std::string last;
    const std::optional<Yaml> message = tree_.Resolve(from, &last);
    if (!message.has_value()) return;
    if (!last.empty()) key = last;
    const auto name = message->Member("name");
    const std::string type = name.has_value() ? name->Text().value_or("") : key;
    if (type.empty()) return Fault(from, "the message has no name");
    messages.push_back({type, place});
  }

  const Yaml& root_;
  YamlTree& tree_;
  DeclaredService service_;
};

}  // namespace

void ReadAsyncApi(const Yaml& root, YamlTree& tree, std::vector<DeclaredService>& services) {
  std::optional<DeclaredService> service = AsyncApiDocument(root, tree).Read();
  if (service.has_value()) services.push_back(*std::move(service));
}

}  // namespace nexus::graph
