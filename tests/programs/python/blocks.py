# SPDX-License-Identifier: MIT
"""What python's own types and modules do with large blocks that they take and give back
all the time, mostly as zeroes of which little is used.
"""
import bz2
import ctypes
import hashlib
import io
import itertools
import lzma
import os
import random
import sys
import zlib

rounds = 10 if os.environ.get("PROGRAMS_FULL") else 1
random.seed(1)
text = "".join(random.choice("abcdefgh \n") for _ in range(200_000)).encode()


def say(*words):
    print(*words, flush=True)


def digest(data):
    return hashlib.sha256(data).hexdigest()[:32]


def small_inputs():
    """The tables of a compressor have up to 64 MiB, its input a few KiB."""
    sha = hashlib.sha256()
    for step in range(40 * rounds):
        part = text[step * 1000:step * 1000 + 3000]
        for preset in (step % 10, 6, 9):
            packed = lzma.compress(part, preset=preset)
            assert lzma.decompress(packed) == part
            sha.update(packed)
    say("lzma", sha.hexdigest()[:32])
    for level in (1, 9):
        say("bz2", level, digest(bz2.compress(text, level)))
        say("zlib", level, digest(zlib.compress(text * 5, level)))
    compressors = [lzma.LZMACompressor(preset=level) for level in (3, 9, 6, 9)]
    parts = [b"".join(c.compress(text[i:i + 500]) for i in range(0, 50_000, 500))
             for c in compressors]
    say("lzma, several", digest(b"".join(p + c.flush() for p, c in zip(parts, compressors))))


def arrays():
    """bytearray(), which is zero, grows, shrinks and is cut."""
    wrong = 0
    sha = hashlib.sha256()
    for step in range(300 * rounds):
        size = random.randrange(250_000, 3_000_000)
        block = bytearray(size)
        wrong += block.count(0) != size
        for _ in range(random.randrange(20)):
            at = random.randrange(size)
            block[at:at + 10] = b"0123456789"
        block.extend(bytes(random.randrange(1_000_000)))
        del block[:random.randrange(100_000)]
        block *= 1 + step % 3
        sha.update(block[::997])
        if step % 4 == 0:
            pointer = ctypes.create_string_buffer(size)
            wrong += pointer.raw.count(b"\0") != size
    say("arrays", wrong, sha.hexdigest()[:32])


def objects():
    """Lists, dictionaries, sets and strings of megabytes."""
    numbers = [random.randrange(1 << 40) for _ in range(300_000)]
    say("sorted", digest(repr(sorted(numbers)).encode()))
    names = {"name %x" % number: number for number in numbers}
    for name in list(itertools.islice(names, 0, None, 2)):
        del names[name]
    names.update((str(i), i) for i in range(100_000))
    say("names", len(names), digest(repr(sorted(names.items())).encode()))
    unique = {number % 200_003 for number in numbers}
    say("set", len(unique), sum(unique))
    long = 3 ** (200_000 * rounds)
    say("number", long.bit_length(), digest(long.to_bytes(long.bit_length() // 8 + 1, "little")))
    say("quotient", digest(hex(long // 7 ** 100_000).encode()))
    lines = io.StringIO()
    for number in numbers:
        lines.write("%d\n" % number)
    joined = lines.getvalue().replace("7", "\u263a").upper()
    say("text", len(joined), digest(joined.encode("utf-16")), joined[::-1].count("\u263a\n"))
    memory = io.BytesIO()
    memory.seek(2_000_000)
    memory.write(text)
    say("holes", memory.getvalue().count(0), digest(memory.getbuffer()[1_999_000:]))


def derived():
    """scrypt() and its relatives take megabytes for a moment."""
    for exponent in (10, 12, 14):
        for salt in (b"one", b"two"):
            key = hashlib.scrypt(b"secret", salt=salt, n=1 << exponent, r=8, p=1,
                                 maxmem=1 << 26, dklen=32)
            say("scrypt", exponent, key.hex())
    # From the document that defines it.
    key = hashlib.scrypt(b"password", salt=b"NaCl", n=1024, r=8, p=16, dklen=64)
    assert key.hex().startswith("fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162")


def main():
    for part in (small_inputs, arrays, objects, derived):
        part()


if __name__ == "__main__":
    sys.exit(main())
