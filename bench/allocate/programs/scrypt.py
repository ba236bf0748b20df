# SPDX-License-Identifier: MIT
#
# Passwords hashed with scrypt, each with 32 MiB that are filled, read at random
# and wiped.
import hashlib

PASSWORDS = 16

digest = b""
for number in range(PASSWORDS):
    digest = hashlib.scrypt(b"%d" % number, salt=digest, n=2**15, r=8, p=1, maxmem=64 << 20)
print(digest.hex())
