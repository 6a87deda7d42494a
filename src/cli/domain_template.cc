#include "cli/domain_template.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"

namespace nexus::cli {
namespace {

constexpr char kDomain[] = R"(apiVersion: nexus/v1
kind: Domain
metadata:
  name: @name@
)";

constexpr char kAggregate[] = R"(apiVersion: nexus/v1
kind: Aggregate
metadata:
  name: @name@
spec:
  category: @category@
  script: aggregates/@name@.js
  id: /id
  commands: [Open@Type@, Close@Type@]
  events: [@Type@Opened, @Type@Closed]
)";

constexpr char kFourSchemas[] = R"(# What the aggregate takes ...
apiVersion: nexus/v1
kind: Schema
metadata: {name: Open@Type@}
spec: {file: schemas/Open@Type@.json}
---
apiVersion: nexus/v1
kind: Schema
metadata: {name: Close@Type@}
spec: {file: schemas/Close@Type@.json}
---
# ... and what comes of it.
apiVersion: nexus/v1
kind: Schema
metadata: {name: @Type@Opened}
spec: {file: schemas/@Type@Opened.json}
---
apiVersion: nexus/v1
kind: Schema
metadata: {name: @Type@Closed}
spec: {file: schemas/@Type@Closed.json}
)";

constexpr char kScript[] =
    R"js(// Decides the commands of one @name@. It sees nothing but what it is
// given: no clock, no chance, no file. ctx.now and ctx.newId() come from the command.

export const initial = { status: "none" };

// The state after one more event. Never changes `state`: it gives a new one.
export function evolve(state, event) {
  switch (event.type) {
    case "@Type@Opened":
      return { status: "open", title: event.data.title };
    case "@Type@Closed":
      return { ...state, status: "closed" };
    default:
      return state;
  }
}

// The events that follow from a command: one, a list, none, or ctx.reject(reason, details).
export function decide(state, command, ctx) {
  const { id } = command.data;
  switch (command.type) {
    case "Open@Type@":
      if (state.status !== "none") return ctx.reject("already_opened", { status: state.status });
      return { type: "@Type@Opened", data: { id, title: command.data.title, openedAt: ctx.now } };
    case "Close@Type@":
      if (state.status !== "open") return ctx.reject("not_open", { status: state.status });
      return { type: "@Type@Closed", data: { id, closedAt: ctx.now } };
    default:
      throw new Error(`no rule for ${command.type}`);
  }
}
)js";

// An object with an id and the members in @required@ and @properties@.
constexpr char kObjectSchema[] = R"({
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "type": "object",
  "required": ["id"@required@],
  "properties": {
    "id": {"type": "string", "pattern": "^[A-Za-z0-9_.]{1,64}$"}@properties@
  },
  "additionalProperties": false
}
)";

constexpr char kCases[] = R"(# What the code must do: nexusctl script test .
aggregate: @name@
cases:
  - name: it is opened
    when:
      type: Open@Type@
      now: 2026-01-31T12:00:00Z
      data: {id: "1", title: first}
    then:
      events:
        - type: @Type@Opened
          data: {id: "1", title: first, openedAt: 2026-01-31T12:00:00.000000Z}
      state: {status: open, title: first}

  - name: but not twice
    given:
      - type: @Type@Opened
        data: {id: "1", title: first, openedAt: 2026-01-31T12:00:00Z}
    when: {type: Open@Type@, data: {id: "1", title: again}}
    then: {rejected: {reason: already_opened, details: {status: open}}}

  - name: what is not open cannot be closed
    when: {type: Close@Type@, data: {id: "1"}}
    then: {rejected: not_open}

  - name: it needs a title
    when: {type: Open@Type@, data: {id: "1"}}
    then: {error: SCHEMA_VIOLATION}
)";

constexpr char kReadme[] = R"(# @name@

A domain for Nexus: `domain.yaml` names it, every other YAML file declares something, and the code
stands in `aggregates/`. What the code must do stands in `tests/`.

```
nexusctl script test .   # run the cases; needs no server
nexusctl check .         # all that can be checked here, for a pipeline
nexusctl plan -f .       # what would change
nexusctl apply -f .      # change it, all or nothing
nexusctl execute Open@Type@ --data '{"id": "1", "title": "first"}'
nexusctl execute Open@Type@ --data '{"id": "1", "title": "again"}'   # rejected: already_opened
nexusctl execute Open@Type@ --data '{"id": "2"}'                     # breaks its schema
nexusctl execute Close@Type@ --data '{"id": "1"}'
nexusctl read @category@-1
nexusctl domain history @name@
```
)";

// "my-shop" is "MyShop".
std::string TypeOf(absl::string_view name) {
  std::string type;
  for (const absl::string_view part : absl::StrSplit(name, '-', absl::SkipEmpty())) {
    std::string word(part);
    word[0] = absl::ascii_toupper(static_cast<unsigned char>(word[0]));
    type += word;
  }
  // A type is an identifier in most languages that read it.
  return type.empty() || absl::ascii_isdigit(static_cast<unsigned char>(type[0]))
             ? absl::StrCat("Domain", type)
             : type;
}

std::string SchemaText(absl::string_view required, absl::string_view properties) {
  return absl::StrReplaceAll(kObjectSchema,
                             {{"@required@", required}, {"@properties@", properties}});
}

}  // namespace

std::vector<TemplateFile> DomainTemplate(absl::string_view name) {
  const std::string type = TypeOf(name);
  const auto fill = [&](absl::string_view text) {
    return absl::StrReplaceAll(text, {{"@name@", name},
                                      {"@Type@", type},
                                      {"@category@", absl::StrReplaceAll(name, {{"-", "_"}})}});
  };
  constexpr absl::string_view kTitle =
      ",\n    \"title\": {\"type\": \"string\", \"minLength\": 1, \"maxLength\": 200}";
  const auto time = [](absl::string_view member) {
    return absl::StrCat(",\n    \"", member,
                        "\": {\"type\": \"string\", \"format\": \"date-time\"}");
  };
  std::vector<TemplateFile> files = {
      {"domain.yaml", kDomain},
      {"@name@.yaml", kAggregate},
      {"schemas.yaml", kFourSchemas},
      {"aggregates/@name@.js", kScript},
      {"schemas/Open@Type@.json", SchemaText(", \"title\"", kTitle)},
      {"schemas/Close@Type@.json", SchemaText("", "")},
      {"schemas/@Type@Opened.json",
       SchemaText(", \"title\", \"openedAt\"", absl::StrCat(kTitle, time("openedAt")))},
      {"schemas/@Type@Closed.json", SchemaText(", \"closedAt\"", time("closedAt"))},
      {"tests/@name@.yaml", kCases},
      {"README.md", kReadme}};
  for (TemplateFile& file : files) file = {fill(file.path), fill(file.text)};
  return files;
}

}  // namespace nexus::cli
