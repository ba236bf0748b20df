# SPDX-License-Identifier: MIT
#
# Dense temporaries of numpy: each turn makes an array of 32 MiB, writes and
# reads all of it, and drops it.
import numpy

SIZE = 32 << 20
TURNS = 80

b = numpy.arange(SIZE // 8, dtype=numpy.float64)
c = b + 1
d = b + 2
total = 0.0
for turn in range(TURNS):
    a = b * c + d
    total += float(a[turn])
print(total)
