// The first sensors sent TemperatureMeasured, in degrees Fahrenheit. They are ReadingRecorded now.

export function upcast({ data }) {
  return {
    type: "ReadingRecorded",
    data: {
      sensorId: data.sensor,
      // To a hundredth of a degree: what a sensor measures is no finer.
      value: Math.round(((data.fahrenheit - 32) * 500) / 9) / 100,
      unit: "C",
      sequence: data.count,
      recordedAt: data.measuredAt,
    },
  };
}
