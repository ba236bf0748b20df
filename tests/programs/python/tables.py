# SPDX-License-Identifier: MIT
"""Arrays of numpy that have to read as zero, used in all the ways that there are, and
what was computed with them.

Only what is exact: the order of a floating-point sum may depend on where a block is.
"""
import hashlib
import os
import sys
import threading

import numpy as np

MEBI = 1 << 20
rounds = 8 if os.environ.get("PROGRAMS_FULL") else 2


def digest(*arrays):
    sha = hashlib.sha256()
    for array in arrays:
        sha.update(np.ascontiguousarray(array).data)
    return sha.hexdigest()[:32]


def say(*words):
    print(*words, flush=True)


class Numbers:
    """The same on every machine and in every version."""

    def __init__(self, seed):
        self.state = seed

    def below(self, bound):
        self.state = self.state * 48271 % 2147483647
        return self.state % bound


def zeroed():
    """The same sizes again and again, less or more of each written."""
    numbers = Numbers(1)
    for size in (256 * 1024, 300_001, MEBI, 5 * MEBI + 4096, 32 * MEBI):
        for share in (0, 1, 10, 50, 100):
            wrong = 0
            for _ in range(3 * rounds):
                table = np.zeros(size, np.uint8)
                wrong += int(np.count_nonzero(table))
                written = size * share // 100
                if share == 1:
                    for _ in range(20):
                        at = numbers.below(size - 100)
                        table[at:at + 100] = 0xA5
                else:
                    table[:written] = 0x5A
                last = digest(table) if size < 6 * MEBI else int(table.sum(dtype=np.uint64))
                del table
            say("zeroed", size, share, wrong, last)


def slots():
    """Arrays of changing sizes in a few slots, each looked at before it is dropped."""
    numbers = Numbers(2)
    held = [None] * 8
    wrong = 0
    sha = hashlib.sha256()
    for step in range(150 * rounds):
        slot = numbers.below(len(held))
        if held[slot] is not None:
            table, written = held[slot]
            wrong += int(np.count_nonzero(table)) != written
            if numbers.below(3) == 0:
                # Longer or shorter: the new end is zero.
                old = table.copy()
                length = table.size * (1 + numbers.below(4)) // 2 + 1
                table.resize(length, refcheck=False)
                both = min(length, old.size)
                wrong += not np.array_equal(table[:both], old[:both])
                wrong += int(np.count_nonzero(table[both:])) != 0
            sha.update(table[::4093].tobytes())
            held[slot] = table = None
        table = np.zeros(100_000 + numbers.below(1_000_000), np.uint32)
        wrong += int(np.count_nonzero(table)) != 0
        written = numbers.below(table.size) if numbers.below(2) else table.size // 10
        table[:written] = step + 1
        held[slot] = table, written
    say("slots", wrong, sha.hexdigest()[:32])


def temporaries():
    """Dense arrays that live for one operation."""
    a = (np.arange(2_000_000, dtype=np.int64) * 7919) % 1_000_003
    for step in range(2 * rounds):
        b = (a * 3 + step) // 2 - (a ^ 0x55) + np.where(a % 2 == 0, a, -a)
        c = np.concatenate([b[::2], b[1::2], np.zeros(500_000, np.int64)])
        d = np.cumsum(c.astype(np.int32), dtype=np.int64).reshape(1000, -1).T.copy()
        say("temporaries", step, digest(b), digest(d), int(np.bitwise_xor.reduce(c)))
    order = np.argsort(a, kind="stable")
    say("sorted", digest(order), digest(np.unique(a % 50_021)), digest(np.bincount(a)))
    text = np.array2string(a[:1000], threshold=2000)
    say("text", hashlib.sha256(text.encode()).hexdigest()[:32])


def shapes():
    """Padding, sparse matrices, histograms: what uses zeros() itself."""
    field = np.zeros((2000, 2000), np.int16)
    numbers = Numbers(3)
    for _ in range(500):
        field[numbers.below(2000), numbers.below(2000)] += 1
    for _ in range(rounds):
        padded = np.pad(field, 100)
        say("padded", padded.shape, int(padded.sum()), digest(padded))
        wide = np.zeros((300, 20_000))
        wide[::7, ::501] = 0.5
        say("product", int((wide @ wide.T).sum()), digest(np.packbits(wide != 0)))
        say("identity", int(np.eye(1500, dtype=np.int64).cumsum(0).sum()))
        say("like", int(np.zeros_like(field).any()), int(np.full_like(field, 3).sum()))
    structured = np.zeros(200_000, [("a", "u1"), ("b", "<f8"), ("c", "S20")])
    structured["b"][::1000] = 1.5
    structured["c"][1::1000] = b"text"
    say("structured", digest(structured.view(np.uint8)))


def several_threads():
    results = [None] * 4

    def work(which):
        numbers = Numbers(10 + which)
        sha = hashlib.sha256()
        wrong = 0
        for _ in range(40 * rounds):
            table = np.zeros(70_000 + numbers.below(500_000), np.uint64)
            wrong += int(np.count_nonzero(table))
            at = numbers.below(table.size - 5000)
            table[at:at + 5000] = which + 1
            sha.update(np.flatnonzero(table)[::100].tobytes())
        results[which] = wrong, sha.hexdigest()[:32]

    threads = [threading.Thread(target=work, args=(i,)) for i in range(len(results))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for which, result in enumerate(results):
        say("thread", which, *result)


def forked():
    """Both have what there was; what either writes the other does not see."""
    tables = [np.zeros(MEBI, np.uint32) for _ in range(4)]
    for i, table in enumerate(tables):
        table[i::1000] = i + 1
    child = os.fork()
    for i, table in enumerate(tables):
        table[i + 1::2000] = 7 if child else 9
    del tables[1]
    more = np.zeros(MEBI, np.uint32)
    line = "%s %d %s" % ("parent" if child else "child", np.count_nonzero(more), digest(*tables))
    if child == 0:
        say(line)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    say(line, status)


def files():
    """Written and read."""
    table = np.zeros((1000, 1000), np.float32)
    table[::10] = np.arange(1000, dtype=np.float32)
    np.save("table.npy", table)
    np.savez_compressed("tables.npz", a=table, b=table[::2].astype(np.int64))
    loaded = np.load("tables.npz")
    say("files", np.array_equal(np.load("table.npy"), table), digest(loaded["a"], loaded["b"]))
    # It holds the time.
    os.remove("tables.npz")


def main():
    for part in (zeroed, slots, temporaries, shapes, several_threads, forked, files):
        part()


if __name__ == "__main__":
    sys.exit(main())
