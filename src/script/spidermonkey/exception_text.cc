#include "script/spidermonkey/exception_text.h"

#include <js/ErrorReport.h>
#include <js/Exception.h>
#include <js/SavedFrameAPI.h>
#include <js/friend/ErrorMessages.h>

#include <cstdint>
#include <utility>

#include "absl/strings/str_cat.h"
#include "script/spidermonkey/deterministic_global.h"
#include "script/spidermonkey/json_writer.h"
#include "script/spidermonkey/script_text.h"

namespace nexus::script {
namespace {

constexpr size_t kTextMax = 500;

struct Place {
  std::string file;
  uint32_t line = 0;
  uint32_t column = 0;  // from 1
};

// Where the innermost frame is that is not ours.
Place PlaceOnStack(JSContext* context, JS::HandleObject stack) {
  Place place;
  JS::RootedObject frame(context, stack);
  while (frame) {
    JS::RootedString source(context);
    JS::RootedObject parent(context);
    if (JS::GetSavedFrameSource(context, nullptr, frame, &source,
                                JS::SavedFrameSelfHosted::Exclude) != JS::SavedFrameResult::Ok) {
      break;
    }
    std::string file;
    if (!AppendUtf8(context, source, file)) break;
    if (file != kPreludeName) {
      JS::GetSavedFrameLine(context, nullptr, frame, &place.line,
                            JS::SavedFrameSelfHosted::Exclude);
      JS::GetSavedFrameColumn(context, nullptr, frame, &place.column,
                              JS::SavedFrameSelfHosted::Exclude);
      place.file = file;
      return place;
    }
    JS::GetSavedFrameParent(context, nullptr, frame, &parent, JS::SavedFrameSelfHosted::Exclude);
    frame = parent;
  }
  return place;
}

JSObject* ErrorIn(JSContext* context, const JS::ExceptionStack& thrown) {
  if (!thrown.exception().isObject()) return nullptr;
  JS::RootedObject object(context, &thrown.exception().toObject());
  return JS_ErrorFromException(context, object) == nullptr ? nullptr : object.get();
}

// An error knows where it was made, anything else was thrown somewhere; what does not compile is in
// no stack. (Of the two places that the engine gives for an error, one counts columns from 0 or
// from 1, as the error was made.)
Place PlaceOf(JSContext* context, const JS::ExceptionStack& thrown, const JSErrorReport& report) {
  JS::RootedObject stack(context, thrown.stack());
  JS::RootedObject error(context, ErrorIn(context, thrown));
  if (error) stack = JS::ExceptionStackOrNull(error);
  const Place place = PlaceOnStack(context, stack);
  if (!place.file.empty() || report.filename == nullptr) return place;
  return {report.filename, report.lineno, report.column + 1};
}

std::string Words(JSContext* context, const JS::ExceptionStack& thrown,
                  const JS::ErrorReportBuilder& report) {
  if (ErrorIn(context, thrown) != nullptr) return report.toStringResult().c_str();
  JS::RootedValue value(context, thrown.exception());
  JsonWriter writer(context);
  if (writer.Write(value) && writer.refusal().empty()) return absl::StrCat("threw ", writer.text());
  JS_ClearPendingException(context);
  return absl::StrCat("threw ", JS::InformalValueTypeName(value));
}

}  // namespace

std::string TakeException(JSContext* context) {
  if (!JS_IsExceptionPending(context)) return "";
  return TakeThrown(context).text;
}

ThrownText TakeThrown(JSContext* context) {
  ThrownText taken;
  if (!JS_IsExceptionPending(context)) return taken;
  JS::ExceptionStack thrown(context);
  if (!JS::StealPendingExceptionStack(context, &thrown)) {
    JS_ClearPendingException(context);
    taken.text = "an exception that cannot be read";
    return taken;
  }
  JS::ErrorReportBuilder report(context);
  if (!report.init(context, thrown, JS::ErrorReportBuilder::NoSideEffects)) {
    JS_ClearPendingException(context);
    taken.text = "an exception that cannot be told";
    return taken;
  }
  taken.stack_is_full = report.report()->errorNumber == JSMSG_OVER_RECURSED;
  const Place place = PlaceOf(context, thrown, *report.report());
  if (!place.file.empty()) {
    taken.text = absl::StrCat(place.file, ":", place.line, ":", place.column, ": ");
  }
  taken.text += Words(context, thrown, report);
  taken.text = CutUtf8(std::move(taken.text), kTextMax);
  for (char& c : taken.text) {  // one line of a log
    if (static_cast<unsigned char>(c) < 0x20) c = ' ';
  }
  return taken;
}

}  // namespace nexus::script
