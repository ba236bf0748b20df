# SPDX-License-Identifier: MIT
#
# Values by keys, and what the words of the figures mean.

function add(key, value) {
	if (value != "-")
		values[key, ++count_of[key]] = value
}

# Sorts the values of the key; of two in the middle the lower one, since a
# disturbance makes everything larger.
function median(key, i, j, value) {
	for (i = 2; i <= count_of[key]; i++) {
		value = values[key, i]
		for (j = i - 1; j > 0 && values[key, j] + 0 > value + 0; j--)
			values[key, j + 1] = values[key, j]
		values[key, j + 1] = value
	}
	return values[key, int((count_of[key] + 1) / 2)]
}

# How far the median of so many values may be off, as a part of it: the notch of
# a box plot, at 95 %. After median().
function uncertainty(key, count) {
	count = count_of[key]
	return 1.57 * (values[key, int((3 * count + 3) / 4)] - values[key, int((count + 3) / 4)]) / \
		sqrt(count) / values[key, int((count + 1) / 2)]
}

function bytes(size) {
	return size * 1024 ^ index("KMG", substr(size, length(size)))
}
