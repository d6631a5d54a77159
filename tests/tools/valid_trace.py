# SPDX-License-Identifier: MIT
"""valid_trace.py SCHEMA FILE... - is each line of these traces one, as the
schema has it? Says which is not, and prints how many lines there are of each
event. The steps of a race are in order. Ends with 77 where nothing validates."""
import collections
import json
import sys

try:
    import jsonschema
    validator = jsonschema.Draft202012Validator
except (ImportError, AttributeError):
    sys.exit(77)


def main():
    with open(sys.argv[1], encoding="utf-8") as f:
        schema = json.load(f)
    validator.check_schema(schema)
    check = validator(schema)
    wrong = 0
    seen = collections.Counter()
    last = {}
    for name in sys.argv[2:]:
        with open(name, "rb") as f:
            lines = f.read().split(b"\n")
        if lines.pop():
            print(name + ": the last line has no end")
            wrong += 1
        for line in lines:
            faults = ["longer than 1,024 bytes"] if len(line) > 1023 else []
            step = json.loads(line.decode("utf-8"))
            faults += [e.message for e in check.iter_errors(step)]
            race = step.get("race")
            if race and step["time_us"] < last.get(race, 0):
                faults.append("a step before the one before")
            if race:
                last[race] = step["time_us"]
            seen[step["event"]] += 1
            if faults:
                print(line.decode("utf-8"))
                print("  " + "; ".join(faults)[:500])
                wrong += 1
    print(" ".join(f"{e}={seen[e]}" for e in sorted(seen)))
    sys.exit(1 if wrong else 0)


main()
