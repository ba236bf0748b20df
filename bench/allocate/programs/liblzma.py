# SPDX-License-Identifier: MIT
#
# Small inputs, each packed by a new encoder of liblzma with a large dictionary,
# as a program in C does it: liblzma takes the hash table, 64 MiB here, from calloc
# and touches it only where the bytes of the input lead.
import ctypes

DICTIONARY = 64 << 20
INPUTS = 300
LZMA2, NO_MORE = 0x21, 2**64 - 1
CRC32 = 1


class Filter(ctypes.Structure):
    _fields_ = [("id", ctypes.c_uint64), ("options", ctypes.c_void_p)]


library = ctypes.CDLL("liblzma.so.5")
# struct lzma_options_lzma, of which the first field is the dictionary's size.
options = (ctypes.c_uint32 * 128)()
if library.lzma_lzma_preset(options, 6):
    raise SystemExit("liblzma has no preset 6")
options[0] = DICTIONARY
filters = (Filter * 2)(Filter(LZMA2, ctypes.addressof(options)), Filter(NO_MORE, None))
packed = ctypes.create_string_buffer(1 << 16)
total = 0
for number in range(INPUTS):
    text = " ".join(str(number * i * i) for i in range(400)).encode()
    position = ctypes.c_size_t(0)
    status = library.lzma_stream_buffer_encode(
        filters, CRC32, None, text, ctypes.c_size_t(len(text)),
        packed, ctypes.byref(position), ctypes.c_size_t(len(packed)))
    if status:
        raise SystemExit(f"lzma_stream_buffer_encode: {status}")
    total += position.value
print(total)
