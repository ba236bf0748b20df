# SPDX-License-Identifier: MIT
#
# For plot.gp: a line for each size, a column for each of the peers, microseconds
# a cycle with that touch.

BEGIN {
	FS = "\t"
	columns = split(peers, peer, " ")
}
$1 == "repeat" && $4 == touch {
	if (!($3 in seen))
		size[++sizes] = $3
	seen[$3]
	add($2 SUBSEP $3, $6)
}
END {
	for (i = 1; i <= sizes; i++) {
		printf "%.0f", bytes(size[i])
		for (j = 1; j <= columns; j++) {
			key = peer[j] SUBSEP size[i]
			printf " %s", key in count_of ? median(key) / 1000 : "NaN"
		}
		print ""
	}
}
