#include "script/spidermonkey/prelude.h"

namespace nexus::script {

// Functions of it stand on no stack that anyone is shown: exception_text.cc skips this file.
const absl::string_view kPrelude = R"js((() => {
'use strict';
const {apply, construct, defineProperty, deleteProperty, getOwnPropertyDescriptor, getPrototypeOf,
       ownKeys} = Reflect;
const {freeze} = Object;
const textMax = 2 ** 24;

const isObject = (value) =>
    (typeof value === 'object' && value !== null) || typeof value === 'function';
const hide = (holder, name, value) =>
    defineProperty(holder, name, {value, writable: true, enumerable: false, configurable: true});
const refusing = (name, why) => ({[name]() { throw new TypeError(why); }})[name];
const refuse = (holder, why, names, of = '') => {
  for (const name of names) hide(holder, name, refusing(name, `${of}${name}: ${why}`));
};

// What differs between two runs, or takes memory that is not counted.
const kept = new Set([
  'AggregateError', 'Array', 'BigInt', 'Boolean', 'Date', 'Error', 'EvalError', 'Function',
  'Infinity', 'JSON', 'Map', 'Math', 'NaN', 'Number', 'Object', 'Promise', 'Proxy', 'RangeError',
  'ReferenceError', 'Reflect', 'RegExp', 'Set', 'String', 'Symbol', 'SyntaxError', 'TypeError',
  'URIError', 'WeakMap', 'WeakSet', 'decodeURI', 'decodeURIComponent', 'encodeURI',
  'encodeURIComponent', 'globalThis', 'isFinite', 'isNaN', 'parseFloat', 'parseInt', 'undefined']);
for (const name of ownKeys(globalThis)) {
  if (!kept.has(name) && !deleteProperty(globalThis, name)) throw new Error(`keeps ${name}`);
}

refuse(Math, 'chance is not deterministic; ctx.newId() comes with a command', ['random'], 'Math.');
const locale = 'the locale of a machine is not deterministic';
refuse(Date.prototype, locale, ['toLocaleDateString', 'toLocaleString', 'toLocaleTimeString']);
refuse(String.prototype, locale, ['localeCompare', 'toLocaleLowerCase', 'toLocaleUpperCase']);
for (const {prototype} of [Array, BigInt, Number]) refuse(prototype, locale, ['toLocaleString']);

// Time. There is no clock, and the only zone is UTC.
const NativeDate = Date;
const {UTC} = NativeDate;
const {getTime, setUTCFullYear} = NativeDate.prototype;
const noClock = 'there is no clock here; ctx.now is the time of the command';
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const days = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const isoDay = /^(\d{4}|[+-]\d{6})(?:-(\d\d)(?:-(\d\d))?)?(?:T(.*))?$/;
const isoTime = /^(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?(Z|[+-]\d\d:\d\d)?$/;
const words = /^(?:\w{3},? )?(?:(\d\d) (\w{3})|(\w{3}) (\d\d)) (-?\d{4,6}) ([\d:]{8}) (.*)$/;
const wordsZone = /^(?:GMT|UTC)([+-]\d{4})?(?: \(\w*\))?$/;

const timeOf = (year, month, day, hour, minute, second, millis, offset) => {
  if (month < 1 || month > 12 || day < 1 || minute > 59 || second > 59 ||
      hour * 3600 + minute * 60 + second + millis / 1000 > 86400 || offset !== offset) return NaN;
  const date = new NativeDate(0);
  apply(setUTCFullYear, date, [year, month - 1, day]);
  if (date.getUTCDate() !== day) return NaN;
  return new NativeDate(apply(getTime, date, []) + hour * 3600000 + minute * 60000 +
                        second * 1000 + millis - offset * 60000).getTime();
};
const offsetOf = (text) => {
  if (text === undefined || text === 'Z') return 0;
  const hours = +text.slice(1, 3), minutes = +text.slice(-2);
  if (hours > 23 || minutes > 59) return NaN;
  return (text[0] === '-' ? -1 : 1) * (hours * 60 + minutes);
};
const parseWords = (text) => {
  const [all, day, month, monthFirst, dayLast, year, time, rest] = words.exec(text) ?? [];
  const zone = wordsZone.exec(rest);
  if (all === undefined || zone === null) return NaN;
  const [hour, minute, second] = time.split(':');
  return timeOf(+year, months.indexOf(month ?? monthFirst) + 1, +(day ?? dayLast), +hour, +minute,
                +second, 0, offsetOf(zone[1]));
};
const parse = (text) => {
  const [all, year, month = 1, day = 1, time] = isoDay.exec(text) ?? [];
  if (all === undefined) return parseWords(text);
  if (year === '-000000') return NaN;
  if (time === undefined) return timeOf(+year, +month, +day, 0, 0, 0, 0, 0);
  const [ok, hour, minute, second = 0, fraction = '', zone] = isoTime.exec(time) ?? [];
  if (ok === undefined) return NaN;
  return timeOf(+year, +month, +day, +hour, +minute, +second, +`${fraction}000`.slice(0, 3),
                offsetOf(zone));
};
const timeFrom = (value) => {
  if (typeof value === 'object' && value !== null) {
    try { return apply(getTime, value, []); } catch { /* no date */ }
    value = `${value}`;
  }
  return typeof value === 'string' ? parse(value) : Number(value);
};
const newDate = function(...values) {
  if (new.target === undefined || values.length === 0) throw new TypeError(`Date: ${noClock}`);
  const time = values.length === 1 ? timeFrom(values[0]) : apply(UTC, undefined, values);
  return construct(NativeDate, [time], new.target);
};
defineProperty(newDate, 'name', {value: 'Date'});
defineProperty(newDate, 'length', {value: 7});
defineProperty(newDate, 'prototype', {value: NativeDate.prototype, writable: false});
hide(newDate, 'UTC', UTC);
hide(newDate, 'parse', {parse(text) { return parse(`${text}`); }}.parse);
refuse(newDate, noClock, ['now'], 'Date.');
hide(globalThis, 'Date', newDate);

const dates = NativeDate.prototype;
hide(dates, 'constructor', newDate);
for (const part of ['Date', 'Day', 'FullYear', 'Hours', 'Milliseconds', 'Minutes', 'Month',
                    'Seconds']) {
  hide(dates, `get${part}`, dates[`getUTC${part}`]);
  if (part !== 'Day') hide(dates, `set${part}`, dates[`setUTC${part}`]);
}
const padded = (number, digits = 2) =>
    (number < 0 ? '-' : '') + `${number < 0 ? -number : number}`.padStart(digits, '0');
const dayText = (date) => `${days[date.getUTCDay()]} ${months[date.getUTCMonth()]} ` +
    `${padded(date.getUTCDate())} ${padded(date.getUTCFullYear(), 4)}`;
const timeText = (date) => `${padded(date.getUTCHours())}:${padded(date.getUTCMinutes())}:` +
    `${padded(date.getUTCSeconds())} GMT+0000 (UTC)`;
const validText = (date, text) => {
  const time = apply(getTime, date, []);
  return time !== time ? 'Invalid Date' : text(date);
};
const dateMethods = {
  getTimezoneOffset() { const time = apply(getTime, this, []); return time === time ? 0 : NaN; },
  getYear() { return this.getUTCFullYear() - 1900; },
  setYear(year) {
    const number = Number(year);
    return this.setUTCFullYear(number >= 0 && number <= 99 ? 1900 + Math.trunc(number) : number);
  },
  toDateString() { return validText(this, dayText); },
  toString() { return validText(this, (date) => `${dayText(date)} ${timeText(date)}`); },
  toTimeString() { return validText(this, timeText); },
};
for (const name of ownKeys(dateMethods)) hide(dates, name, dateMethods[name]);

// The constructor has what the last match was, for all code that runs after it. (It is still found
// as the species, without which the engine splits texts in its slowest way.)
const NativeRegExp = RegExp;
const newRegExp = function(pattern, flags) {
  return construct(NativeRegExp, [pattern, flags], new.target ?? newRegExp);
};
defineProperty(newRegExp, 'name', {value: 'RegExp'});
defineProperty(newRegExp, 'prototype', {value: NativeRegExp.prototype, writable: false});
defineProperty(newRegExp, Symbol.species, {get() { return NativeRegExp; }});
hide(NativeRegExp.prototype, 'constructor', newRegExp);
hide(globalThis, 'RegExp', newRegExp);

// One operation must not take a gigabyte.
const bounded = (length) => {
  if (length > textMax) throw new RangeError('the text is too long for one operation');
};
const {padEnd, padStart, repeat} = String.prototype;
const textMethods = {
  padEnd(length, fill) { bounded(+length); return apply(padEnd, this, [length, fill]); },
  padStart(length, fill) { bounded(+length); return apply(padStart, this, [length, fill]); },
  repeat(count) { bounded(`${this}`.length * +count); return apply(repeat, this, [count]); },
};
for (const name of ownKeys(textMethods)) hide(String.prototype, name, textMethods[name]);
const parseJson = JSON.parse;
hide(JSON, 'parse', {parse(text, reviver) {
  text = `${text}`;
  bounded(text.length * 4);
  return parseJson(text, reviver);
}}.parse);

// A property of an object can be set whose name a frozen prototype uses: data have any names.
const settable = (holder) => {
  for (const name of ownKeys(holder)) {
    const {value, writable} = getOwnPropertyDescriptor(holder, name);
    if (writable !== true || typeof name === 'symbol') continue;
    defineProperty(holder, name, {
      get() { return value; },
      set(own) {
        if (this === holder) throw new TypeError(`${name} of a frozen object cannot be set`);
        defineProperty(
            this, name, {value: own, writable: true, enumerable: true, configurable: true});
      },
      enumerable: false,
      configurable: false,
    });
  }
};
delete Object.prototype.__proto__;
for (const {prototype} of [Object, Error, AggregateError, EvalError, RangeError, ReferenceError,
                           SyntaxError, TypeError, URIError]) {
  settable(prototype);
}

// All of it is frozen, and what no name leads to as well.
const seen = new Set();
const pending = [
  globalThis, function*() {}, async function() {}, async function*() {}, [][Symbol.iterator](),
  new Map().entries(), new Set().values(), ''[Symbol.iterator](), ''.matchAll(/x/g),
  (function() { return getOwnPropertyDescriptor(arguments, 'callee').get; })()];
while (pending.length > 0) {
  const object = pending.pop();
  if (!isObject(object) || seen.has(object)) continue;
  seen.add(object);
  pending.push(getPrototypeOf(object));
  for (const key of ownKeys(object)) {
    const {value, get, set} = getOwnPropertyDescriptor(object, key);
    pending.push(value, get, set);
  }
  freeze(object);
}
})())js";

}  // namespace nexus::script
