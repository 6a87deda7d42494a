#include "script/spidermonkey/json_writer.h"

#include <js/Array.h>
#include <js/Conversions.h>
#include <js/Interrupt.h>
#include <js/Object.h>
#include <js/PropertyAndElement.h>
#include <js/PropertyDescriptor.h>
#include <js/Proxy.h>
#include <js/String.h>
#include <jsfriendapi.h>

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "script/spidermonkey/run_bounds.h"
#include "script/spidermonkey/script_text.h"

namespace nexus::script {
namespace {

constexpr size_t kDepthMax = 1000;
// Asks whether it may go on after so many bytes.
constexpr size_t kBytesBetweenLooks = 256 << 10;

constexpr char kHexDigits[] = "0123456789abcdef";

// What follows the backslash of a character that is escaped; 'u': by its number; 0: it is not.
constexpr char Escape(uint32_t c) {
  switch (c) {
    case '"':
    case '\\':
      return static_cast<char>(c);
    case '\b':
      return 'b';
    case '\f':
      return 'f';
    case '\n':
      return 'n';
    case '\r':
      return 'r';
    case '\t':
      return 't';
    default:
      return c < 0x20 ? 'u' : '\0';
  }
}

void AppendByNumber(uint32_t c, std::string& text) {
  text += "\\u";
  for (int shift = 12; shift >= 0; shift -= 4) text.push_back(kHexDigits[(c >> shift) & 0xf]);
}

void AppendCodePoint(uint32_t c, std::string& text) {
  if (c < 0x80) {
    text.push_back(static_cast<char>(c));
  } else if (c < 0x800) {
    text.push_back(static_cast<char>(0xc0 | c >> 6));
    text.push_back(static_cast<char>(0x80 | (c & 0x3f)));
  } else if (c < 0x10000) {
    text.push_back(static_cast<char>(0xe0 | c >> 12));
    text.push_back(static_cast<char>(0x80 | (c >> 6 & 0x3f)));
    text.push_back(static_cast<char>(0x80 | (c & 0x3f)));
  } else {
    text.push_back(static_cast<char>(0xf0 | c >> 18));
    text.push_back(static_cast<char>(0x80 | (c >> 12 & 0x3f)));
    text.push_back(static_cast<char>(0x80 | (c >> 6 & 0x3f)));
    text.push_back(static_cast<char>(0x80 | (c & 0x3f)));
  }
}

bool IsHighSurrogate(uint32_t c) { return c >= 0xd800 && c < 0xdc00; }
bool IsLowSurrogate(uint32_t c) { return c >= 0xdc00 && c < 0xe000; }

}  // namespace

JsonWriter::JsonWriter(JSContext* context) : context_(context), objects_(context), keys_(context) {}

bool JsonWriter::Write(JS::HandleValue value) {
  JS::RootedObject plain(context_, JS_NewPlainObject(context_));
  JS::RootedObject array(context_, JS::NewArrayObject(context_, 0));
  if (!plain || !array) return false;
  object_class_ = JS::GetClass(plain);
  array_class_ = JS::GetClass(array);
  if (!WriteValue(value)) return !refusal_.empty();
  while (!levels_.empty()) {
    if (!NextItem()) return !refusal_.empty();
  }
  return Bounded() || !refusal_.empty();
}

bool JsonWriter::Bounded() {
  if (text_.size() > bytes_max_) {
    too_large_ = true;
    refusal_ = absl::StrCat("the result has more than ", bytes_max_, " bytes");
    return false;
  }
  if (text_.size() < bounded_at_ + kBytesBetweenLooks) return true;
  bounded_at_ = text_.size();
  return RunBounds::Of(context_).MayGoOn();
}

bool JsonWriter::WriteValue(JS::HandleValue value) {
  if (value.isString()) {
    JS::RootedString string(context_, value.toString());
    return AppendString(string);
  }
  if (value.isNumber()) {
    if (!std::isfinite(value.toNumber())) return Refuse("a number that is not finite");
    AppendNumber(value.toNumber());
    return true;
  }
  if (value.isBoolean()) {
    text_ += value.toBoolean() ? "true" : "false";
    return true;
  }
  if (value.isNull()) {
    text_ += "null";
    return true;
  }
  if (value.isObject()) return Open(value);
  if (value.isUndefined()) return Refuse("undefined");
  return Refuse(value.isBigInt() ? "a BigInt" : "a symbol");
}

bool JsonWriter::Open(JS::HandleValue value) {
  JS::RootedObject object(context_, &value.toObject());
  const JSClass* type = JS::GetClass(object);
  if (type != object_class_ && type != array_class_) {
    if (JS::IsCallable(object)) return Refuse("a function");
    if (js::IsProxy(object)) return Refuse("a Proxy");
    return Refuse(absl::StrCat("an object of the class ", type->name).c_str());
  }
  for (JSObject* outer : objects_) {
    if (outer == object) return Refuse("part of itself");
  }
  if (levels_.size() >= kDepthMax) return Refuse("nested too deep");
  if (!objects_.append(object)) return false;
  Level level{objects_.length() - 1, keys_.length(), keys_.length()};
  level.is_array = type == array_class_;
  if (level.is_array) {
    if (!JS::GetArrayLength(context_, object, &level.length)) return false;
  } else {
    JS::RootedIdVector keys(context_);
    if (!js::GetPropertyKeys(context_, object, JSITER_OWNONLY, &keys) || !keys_.appendAll(keys)) {
      return false;
    }
    level.keys_end = keys_.length();
  }
  text_.push_back(level.is_array ? '[' : '{');
  levels_.push_back(level);
  return Bounded();
}

void JsonWriter::Close() {
  const Level& level = levels_.back();
  text_.push_back(level.is_array ? ']' : '}');
  keys_.shrinkBy(keys_.length() - level.keys_begin);
  objects_.popBack();
  levels_.pop_back();
}

bool JsonWriter::NextItem() {
  const Level& level = levels_.back();
  const size_t end = level.is_array ? level.length : level.keys_end - level.keys_begin;
  if (level.next == end) {
    Close();
    return true;
  }
  return level.is_array ? NextElement() : NextProperty();
}

bool JsonWriter::NextElement() {
  Level& level = levels_.back();
  JS::RootedObject object(context_, objects_[level.object]);
  JS::RootedId id(context_);
  JS::RootedValue value(context_);
  const uint32_t index = level.next++;
  if (!JS_IndexToId(context_, index, &id) || !OwnValue(object, id, &value)) return false;
  if (index > 0) text_.push_back(',');
  return WriteValue(value) && Bounded();
}

bool JsonWriter::NextProperty() {
  Level& level = levels_.back();
  JS::RootedObject object(context_, objects_[level.object]);
  JS::RootedId id(context_, keys_[level.keys_begin + level.next++]);
  JS::RootedValue value(context_);
  if (!OwnValue(object, id, &value)) return false;
  if (value.isUndefined()) return true;
  if (!level.first) text_.push_back(',');
  level.first = false;
  return AppendKey(id) && WriteValue(value) && Bounded();
}

bool JsonWriter::OwnValue(JS::HandleObject object, JS::HandleId id, JS::MutableHandleValue value) {
  JS::Rooted<mozilla::Maybe<JS::PropertyDescriptor>> property(context_);
  if (!JS_GetOwnPropertyDescriptorById(context_, object, id, &property)) return false;
  if (property.isNothing()) {
    value.setUndefined();
    return true;
  }
  if (property->isAccessorDescriptor()) return Refuse("a getter or setter");
  value.set(property->value());
  return true;
}

bool JsonWriter::AppendKey(JS::HandleId id) {
  if (id.isInt()) {
    absl::StrAppend(&text_, "\"", id.toInt(), "\":");
    return true;
  }
  JS::RootedString name(context_, id.toString());
  if (!AppendString(name)) return false;
  text_.push_back(':');
  return true;
}

bool JsonWriter::AppendString(JS::HandleString string) {
  if (JS_GetStringLength(string) > bytes_max_) {
    too_large_ = true;
    return Refuse("too long");
  }
  JSLinearString* linear = JS_EnsureLinearString(context_, string);
  if (linear == nullptr) return false;
  const JS::AutoCheckCannotGC no_collection(context_);
  const size_t length = JS::GetLinearStringLength(linear);
  text_.push_back('"');
  if (JS::LinearStringHasLatin1Chars(linear)) {
    AppendQuoted(JS::GetLatin1LinearStringChars(no_collection, linear), length);
  } else {
    AppendQuoted(JS::GetTwoByteLinearStringChars(no_collection, linear), length);
  }
  text_.push_back('"');
  return true;
}

template <typename Char>
void JsonWriter::AppendQuoted(const Char* chars, size_t length) {
  text_.reserve(text_.size() + length + 2);
  for (size_t i = 0; i < length; ++i) {
    const uint32_t c = chars[i];
    const char escape = Escape(c);
    if (escape != '\0') {
      if (escape == 'u') {
        AppendByNumber(c, text_);
      } else {
        text_.push_back('\\');
        text_.push_back(escape);
      }
    } else if (IsHighSurrogate(c) && i + 1 < length && IsLowSurrogate(chars[i + 1])) {
      AppendCodePoint(0x10000 + ((c & 0x3ff) << 10) + (chars[++i] & 0x3ffu), text_);
    } else if (IsHighSurrogate(c) || IsLowSurrogate(c)) {
      AppendByNumber(c, text_);
    } else {
      AppendCodePoint(c, text_);
    }
  }
}

void JsonWriter::AppendNumber(double number) {
  int32_t whole = 0;
  if (JS_DoubleIsInt32(number, &whole)) {
    absl::StrAppend(&text_, whole);
    return;
  }
  if (number == 0) {  // the negative one
    text_.push_back('0');
    return;
  }
  char digits[JS::MaximumNumberToStringLength];
  JS::NumberToString(number, digits);
  text_ += digits;
}

bool JsonWriter::Refuse(const char* what) {
  const std::string pointer = Pointer();
  refusal_ = absl::StrCat("the result", pointer.empty() ? "" : " at ", pointer, " is ", what);
  return false;
}

// Of the item that is being written.
std::string JsonWriter::Pointer() {
  std::string pointer;
  for (const Level& level : levels_) {
    if (level.next == 0) break;
    JS::RootedId id(context_);
    if (level.is_array) {
      absl::StrAppend(&pointer, "/", level.next - 1);
      continue;
    }
    id = keys_[level.keys_begin + level.next - 1];
    std::string name;
    if (id.isInt()) {
      name = absl::StrCat(id.toInt());
    } else {
      JS::RootedString string(context_, id.toString());
      if (!AppendUtf8(context_, string, name)) JS_ClearPendingException(context_);
    }
    absl::StrAppend(&pointer, "/", absl::StrReplaceAll(name, {{"~", "~0"}, {"/", "~1"}}));
  }
  return pointer.size() <= 200 ? pointer : CutUtf8(std::move(pointer), 200);
}

}  // namespace nexus::script
