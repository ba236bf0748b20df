# SPDX-License-Identifier: MIT
#
# The same with Python's own module, which asks for memory with malloc and writes
# zeroes over all of the hash table itself.
import lzma

DICTIONARY = 64 << 20
INPUTS = 40
FILTERS = [{"id": lzma.FILTER_LZMA2, "preset": 6, "dict_size": DICTIONARY}]

total = 0
for number in range(INPUTS):
    text = " ".join(str(number * i * i) for i in range(400)).encode()
    packed = lzma.compress(text, filters=FILTERS)
    if lzma.decompress(packed) != text:
        raise SystemExit("what was unpacked is not what was packed")
    total += len(packed)
print(total)
