"""Results, one JSON object a line, only ever added to: a run that was cut off goes on there."""

import json
import statistics


def key(cell, system, run, seconds):
    return json.dumps([cell, system, run, seconds], sort_keys=True)


class Results:
    def __init__(self, path):
        self.path = path
        self.records = []
        self.machines = []
        if path.exists():
            for line in path.read_text().splitlines():
                self._take(json.loads(line))
        self._done = {self._key(record) for record in self.records}

    @staticmethod
    def _key(record):
        return key(record["cell"], record["system"], record["run"], record["seconds"])

    def _take(self, record):
        (self.machines if "machine" in record else self.records).append(record)

    def has(self, cell, system, run, seconds):
        return key(cell, system, run, seconds) in self._done

    def add(self, record):
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with open(self.path, "a") as file:
            file.write(json.dumps(record) + "\n")
        self._take(record)
        if "machine" not in record:
            self._done.add(self._key(record))

    def of(self, cell, system):
        return [record["result"] for record in self.records
                if record["cell"] == cell and record["system"] == system]

    def median(self, cell, system, field):
        """Over the runs; None if there is none."""
        values = [result[field] for result in self.of(cell, system) if field in result]
        return statistics.median(values) if values else None

    def highest_rate(self, system):
        """Of appends with one event a request, over the numbers of clients."""
        cells = [record["cell"] for record in self.records if record["system"] == system and
                 record["cell"]["measure"] == "append" and record["cell"]["events"] == 1]
        return max((self.median(cell, system, "requests_per_second") for cell in cells),
                   default=None)
