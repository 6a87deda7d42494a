// A sensor: readings come in the order in which they were taken, and an alert needs a reading above
// the threshold that no alert was triggered for yet.

export const initial = { registered: false };

export function evolve(state, { type, data }) {
  switch (type) {
    case "SensorRegistered":
      return { registered: true, unit: data.unit, threshold: data.threshold };
    case "ReadingRecorded":
      return { ...state, last: { value: data.value, sequence: data.sequence }, alerted: false };
    case "AlertTriggered":
      return { ...state, alerted: true };
    default:
      return state;
  }
}

export function decide(state, command, ctx) {
  if (command.type === "RegisterSensor") return register(state, command.data, ctx);
  if (!state.registered) return ctx.reject("not_registered");
  return command.type === "RecordReading"
    ? record(state, command.data, ctx)
    : alert(state, command.data, ctx);
}

function register(state, data, ctx) {
  if (state.registered) return ctx.reject("already_registered");
  return { type: "SensorRegistered", data: { ...data, registeredAt: ctx.now } };
}

function record(state, { sensorId, value, sequence }, ctx) {
  if (state.last !== undefined && sequence <= state.last.sequence) {
    return ctx.reject("out_of_order", { last: state.last.sequence });
  }
  const reading = { sensorId, value, sequence, unit: state.unit, recordedAt: ctx.now };
  return { type: "ReadingRecorded", data: reading };
}

function alert(state, { sensorId, message }, ctx) {
  if (state.last === undefined) return ctx.reject("no_reading");
  const { value } = state.last;
  if (value <= state.threshold) {
    return ctx.reject("below_threshold", { value, threshold: state.threshold });
  }
  if (state.alerted) return ctx.reject("already_triggered");
  return {
    type: "AlertTriggered",
    data: { sensorId, value, threshold: state.threshold, message, triggeredAt: ctx.now },
    routing: { criticality: "high" },
  };
}
