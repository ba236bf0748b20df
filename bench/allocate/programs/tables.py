# SPDX-License-Identifier: MIT
#
# Tables of numpy with room for all that may come, of which little is used: each
# counts how often two values met, all up to a limit, and the high ones never came.
import numpy

LIMIT = 2896  # values; a table of 64 MiB
TABLES = 300
PAIRS = 2000

random = numpy.random.Generator(numpy.random.PCG64(1))
total = 0.0
for number in range(TABLES):
    table = numpy.zeros((LIMIT, LIMIT))
    highest = LIMIT * (10 + number % 21) // 200  # 5 to 15 %
    pairs = random.integers(0, highest, (2, PAIRS))
    numpy.add.at(table, (pairs[0], pairs[1]), 1)
    used = table[:highest, :highest]
    total += float((used * used).sum())
print(total)
