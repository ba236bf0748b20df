# SPDX-License-Identifier: MIT
"""Prints what became of each test in a report that python's test package has written
with --junit-xml: its name, result and the reason why it was skipped, sorted.
"""
import sys
from xml.etree import ElementTree

lines = []
for case in ElementTree.parse(sys.argv[1]).iter("testcase"):
    reasons = [child.tag + " " + (child.text or "").strip().replace("\n", " ") for child in case
               if child.tag in ("skipped", "failure", "error", "expected-failure")]
    lines.append(" ".join([case.get("name"), case.get("status"), case.get("result"), *reasons]))
if not lines:
    sys.exit(sys.argv[1] + ": no test has run")
print(*sorted(lines), sep="\n")
