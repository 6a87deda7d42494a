#include "script/spidermonkey/json_reader.h"

#include <js/CharacterEncoding.h>
#include <js/JSON.h>
#include <js/String.h>

#include "script/spidermonkey/script_text.h"

namespace nexus::script {

bool ReadJson(JSContext* context, absl::string_view text, JS::MutableHandleValue value) {
  JS::RootedString string(context, NewString(context, text));
  return string && JS_ParseJSON(context, string, value);
}

}  // namespace nexus::script
