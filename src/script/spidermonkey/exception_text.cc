#include "script/spidermonkey/exception_text.h"

#include <js/ErrorReport.h>
#include <js/Exception.h>

namespace nexus::script {

std::string TakeException(JSContext* context) {
  if (!JS_IsExceptionPending(context)) return "";
  JS::ExceptionStack stack(context);
  if (!JS::StealPendingExceptionStack(context, &stack)) {
    JS_ClearPendingException(context);
    return "an exception that cannot be read";
  }
  JS::ErrorReportBuilder report(context);
  if (!report.init(context, stack, JS::ErrorReportBuilder::NoSideEffects)) {
    JS_ClearPendingException(context);
    return "an exception that cannot be told";
  }
  return report.toStringResult().c_str();
}

}  // namespace nexus::script
