#include "identity/access/access_events.h"

#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "nexus/core/errors.h"
#include "nexus/core/json_text.h"
#include "nexus/core/status_macros.h"

namespace nexus::identity {
namespace {

using Members = absl::flat_hash_map<std::string, JsonMember>;

std::string ListJson(const std::vector<std::string>& items) {
  std::string out = "[";
  for (const std::string& item : items) {
    absl::StrAppend(&out, out.size() > 1 ? "," : "", JsonString(item));
  }
  return out + "]";
}

std::string OperationsJson(const OperationSet& operations) {
  std::vector<std::string> names;
  for (const Operation operation : operations.ToList()) {
    names.emplace_back(OperationName(operation));
  }
  return ListJson(names);
}

std::string SelectorJson(const Selector& selector) {
  return absl::StrCat("\"categories\":", ListJson(selector.categories),
                      ",\"stream_prefixes\":", ListJson(selector.stream_prefixes),
                      ",\"event_types\":", ListJson(selector.event_types));
}

absl::Status Damaged(absl::string_view what) {
  return MakeError(ErrorReason::kDataLoss, absl::StrCat("a stored access event ", what));
}

// Takes the members of one event; the first that is missing or of the wrong kind is the error.
class StoredMembers {
 public:
  StoredMembers(absl::string_view data, JsonReader& json) : json_(json) {
    absl::StatusOr<Members> members = json.ReadObject(data);
    if (members.ok()) {
      members_ = *std::move(members);
    } else {
      status_ = Damaged(absl::StrCat("is unreadable: ", members.status().message()));
    }
  }

  std::string Text(absl::string_view name) {
    const JsonMember* member = Find(name, /*is_string=*/true);
    return member == nullptr ? "" : member->text;
  }
  bool Flag(absl::string_view name) {
    const JsonMember* member = Find(name, /*is_string=*/false);
    return member != nullptr && member->text == "true";
  }
  // Null: nothing.
  std::optional<Timestamp> Time(absl::string_view name) {
    const JsonMember* member = Find(name, /*is_string=*/false);
    Timestamp time;
    if (member == nullptr || member->text == "null") return std::nullopt;
    if (!absl::SimpleAtoi(member->text, &time.micros)) Fail(name);
    return time;
  }
  std::vector<std::string> List(absl::string_view name) {
    std::vector<std::string> list;
    const JsonMember* member = Find(name, /*is_string=*/false);
    if (member == nullptr) return list;
    absl::StatusOr<std::vector<JsonMember>> items = json_.ReadArray(member->text);
    if (!items.ok()) Fail(name);
    if (!items.ok()) return list;
    for (JsonMember& item : *items) {
      if (!item.is_string) Fail(name);
      list.push_back(std::move(item.text));
    }
    return list;
  }
  OperationSet Operations(absl::string_view name) {
    OperationSet set;
    for (const std::string& text : List(name)) {
      const std::optional<Operation> operation = ParseOperation(text);
      if (operation.has_value()) {
        set.Add(*operation);
      } else if (status_.ok()) {
        status_ = Damaged(absl::StrCat("names the operation ", text, ", which is not known here"));
      }
    }
    return set;
  }
  Selector TakeSelector() {
    Selector selector;
    selector.categories = List("categories");
    selector.stream_prefixes = List("stream_prefixes");
    selector.event_types = List("event_types");
    return selector;
  }
  void Fail(absl::string_view name) {
    if (status_.ok()) status_ = Damaged(absl::StrCat("has no ", name));
  }
  const absl::Status& status() const { return status_; }

 private:
  const JsonMember* Find(absl::string_view name, bool is_string) {
    const auto found = members_.find(name);
    if (found != members_.end() && found->second.is_string == is_string) return &found->second;
    Fail(name);
    return nullptr;
  }

  JsonReader& json_;
  Members members_;
  absl::Status status_;
};

}  // namespace

std::string EncodeTokenCreated(const TokenRecord& token) {
  return absl::StrCat(
      "{\"token\":", JsonString(token.id), ",\"principal\":", JsonString(token.principal),
      ",\"digest\":", JsonString(DigestText(token.digest)), ",\"roles\":", ListJson(token.roles),
      ",\"operations\":", OperationsJson(token.scope.operations), ",",
      SelectorJson(token.scope.selector), ",\"expires\":",
      token.expires.has_value() ? absl::StrCat(token.expires->micros) : std::string("null"),
      ",\"comment\":", JsonString(token.comment), "}");
}

std::string EncodeRoleDefined(const Role& role) {
  return absl::StrCat("{\"role\":", JsonString(role.name),
                      ",\"operations\":", OperationsJson(role.operations),
                      ",\"system_streams\":", role.system_streams ? "true" : "false",
                      ",\"comment\":", JsonString(role.comment), "}");
}

std::string EncodeRoleBound(const RoleBinding& binding) {
  return absl::StrCat(
      "{\"binding\":", JsonString(binding.id), ",\"member_kind\":\"",
      binding.member_kind == MemberKind::kGroup ? "group" : "principal",
      "\",\"member\":", JsonString(binding.member), ",\"role\":", JsonString(binding.role),
      ",\"effect\":\"", binding.effect == Effect::kDeny ? "deny" : "allow", "\",",
      SelectorJson(binding.selector), ",\"comment\":", JsonString(binding.comment), "}");
}

std::string EncodeAccessEnded(const AccessEnded& ended) {
  return absl::StrCat("{\"name\":", JsonString(ended.name),
                      ",\"comment\":", JsonString(ended.comment), "}");
}

absl::StatusOr<TokenRecord> DecodeTokenCreated(absl::string_view data, JsonReader& json) {
  StoredMembers event(data, json);
  TokenRecord token;
  token.id = event.Text("token");
  token.principal = event.Text("principal");
  const absl::StatusOr<TokenDigest> digest = ParseDigest(event.Text("digest"));
  if (!digest.ok()) event.Fail("digest");
  if (digest.ok()) token.digest = *digest;
  token.roles = event.List("roles");
  token.scope.operations = event.Operations("operations");
  token.scope.selector = event.TakeSelector();
  token.expires = event.Time("expires");
  token.comment = event.Text("comment");
  if (!event.status().ok()) return event.status();
  return token;
}

absl::StatusOr<Role> DecodeRoleDefined(absl::string_view data, JsonReader& json) {
  StoredMembers event(data, json);
  Role role;
  role.name = event.Text("role");
  role.operations = event.Operations("operations");
  role.system_streams = event.Flag("system_streams");
  role.comment = event.Text("comment");
  if (!event.status().ok()) return event.status();
  return role;
}

absl::StatusOr<RoleBinding> DecodeRoleBound(absl::string_view data, JsonReader& json) {
  StoredMembers event(data, json);
  RoleBinding binding;
  binding.id = event.Text("binding");
  const std::string kind = event.Text("member_kind");
  if (kind != "group" && kind != "principal") event.Fail("member_kind");
  binding.member_kind = kind == "group" ? MemberKind::kGroup : MemberKind::kPrincipal;
  binding.member = event.Text("member");
  binding.role = event.Text("role");
  const std::string effect = event.Text("effect");
  if (effect != "deny" && effect != "allow") event.Fail("effect");
  binding.effect = effect == "deny" ? Effect::kDeny : Effect::kAllow;
  binding.selector = event.TakeSelector();
  binding.comment = event.Text("comment");
  if (!event.status().ok()) return event.status();
  return binding;
}

absl::StatusOr<AccessEnded> DecodeAccessEnded(absl::string_view data, JsonReader& json) {
  StoredMembers event(data, json);
  AccessEnded ended;
  ended.name = event.Text("name");
  ended.comment = event.Text("comment");
  if (!event.status().ok()) return event.status();
  return ended;
}

}  // namespace nexus::identity
