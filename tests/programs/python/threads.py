# SPDX-License-Identifier: MIT
"""Threads that take and give back small and large blocks."""
import threading
import zlib

results = {}


def work(which):
    kept = []
    total = 0
    for step in range(60):
        block = bytearray(which * 100_000 + step * 10_000)
        total += sum(block[::1000])
        block[step::4097] = b"x" * len(range(step, len(block), 4097))
        kept.append((block, [str(i) for i in range(2000)]))
        if step % 3 == 0:
            kept.pop(0)
    results[which] = total, zlib.crc32(b"".join(block + "".join(words).encode()
                                                for block, words in kept))


threads = [threading.Thread(target=work, args=(which,)) for which in range(1, 5)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(*sorted(results.items()), sep="\n")
