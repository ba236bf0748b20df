# SPDX-License-Identifier: MIT
#
# The report of figures that run has recorded, in Markdown. Fails where a cell
# that should have been measured was not.

BEGIN {
	FS = "\t"
	split("time faults freed later peak", fields, " ")
	name["glibc-huge"] = "glibc (huge pages)"
	name["nothing"] = "nothing"
	name["first10"] = "first 10 %"
	name["random1"] = "1 % at random"
	name["every"] = "every page"
	name["fill"] = "all bytes"
	name["tables"] = "numpy tables, little used"
	name["temporaries"] = "numpy dense temporaries"
	name["liblzma"] = "liblzma, large dictionary"
	name["lzma_module"] = "Python lzma, large dictionary"
	name["scrypt"] = "scrypt"
	name["sparse"] = "100 sparse blocks after 4 dense ones: MiB resident"
	name["idle"] = "2 s of small calls after 256 MiB were freed: MiB resident"
	name["limit"] = "819 MiB of small blocks beside 1 GiB that was freed, of 1.5: MiB to be had"
	name["rights 1"] = "rights dropped, 1 MiB, every page: µs a cycle"
	name["rights 8"] = "... 8 MiB"
	name["rights 64"] = "... 64 MiB"
	name["locked"] = "all memory locked, 2,000 blocks of 2 MB: MiB resident at most"
}

$1 == "about" {
	print $2
	next
}
$1 == "peer" || $1 == "absent" {
	if ($2 in version || $2 in absent)
		next
	if ($1 == "peer")
		version[$2] = $3
	else
		absent[$2] = $3
	if (!($2 in name) || $2 == "glibc-huge")
		peer[++peers] = $2
	next
}
{
	row = $3 SUBSEP $4
	if (!(($1, row) in seen))
		rows[$1, ++count[$1]] = row
	seen[$1, row]
	if ($1 == "small") {
		turn[$2, $5] = $6
		if ($5 > turns)
			turns = $5
	}
	for (i = 1; i in fields; i++)
		add(key_of($1, row, $2, fields[i]), $(5 + i))
}

function key_of(part, row, who, field) {
	return part SUBSEP row SUBSEP who SUBSEP field
}

function label(word) {
	if (word in name)
		return name[word]
	gsub(/[KMG]/, " &iB", word)
	gsub(/-/, " – ", word)
	return word
}

function number(value) {
	if (value < 0.005 && value > -0.005)
		return "0"
	return sprintf(value >= 100 ? "%.0f" : value >= 10 ? "%.1f" : "%.2f", value)
}

function get(part, row, who, field, scale, where) {
	where = key_of(part, row, who, field)
	return where in count_of ? median(where) / scale : ""
}

# What was not measured: the peer is not there, or something went wrong.
function missing(who) {
	if (who in absent)
		return "–"
	failures++
	return "failed"
}

function header(first, last, i) {
	printf "| %s |", first
	for (i = 1; i <= peers; i++)
		printf " %s |", label(peer[i])
	print (last == "" ? "" : " " last " |")
	gsub(/[^|]+/, "---", first)
	printf "|%s|", first
	for (i = 1; i <= peers; i++)
		printf "--:|"
	print (last == "" ? "" : "--:|")
}

# A row of one field. Returns by how much the best of the others is better.
function print_cells(part, row, field, scale, i, value, best, who, own) {
	for (i = 1; i <= peers; i++) {
		value = get(part, row, peer[i], field, scale)
		printf " %s |", (value == "" ? missing(peer[i]) : number(value))
		if (value == "")
			continue
		if (peer[i] == "tamalloc") {
			own = value
		} else if (who == "" || value < best) {
			best = value
			who = peer[i]
		}
	}
	if (own == "" || who == "")
		print " – |"
	else if (best <= 0)
		print (own <= 0 ? " 1.00 |" : " |")
	else
		printf " %.2f %s |\n", own / best, label(who)
	return own == "" || who == "" || best <= 0 ? 0 : own / best
}

function print_row_start(row, cell) {
	split(row, cell, SUBSEP)
	printf "| %s | %s |", label(cell[2]), label(cell[1])
}

# By how much the rounds differ, in half of the cells and at most.
function print_spread(part, i, j, where, low, high, all, spread) {
	for (i = 1; i <= count[part]; i++)
		for (j = 1; j <= peers; j++) {
			where = key_of(part, rows[part, i], peer[j], "time")
			if (count_of[where] < 2)
				continue
			median(where)
			low = values[where, 1]
			high = values[where, count_of[where]]
			add("spread" part, 100 * (high - low) / low)
		}
	if (!(all = count_of["spread" part]))
		return
	spread = median("spread" part)
	printf "\nThe rounds differ by %.0f %% or less in half of the cells, by %.0f %% at most.\n",
		spread, values["spread" part, all]
}

function table(part, field, scale, limit, i, over, worst, ratio) {
	over = worst = 0
	header("touched | size", "tamalloc / best of the others")
	for (i = 1; i <= count[part]; i++) {
		print_row_start(rows[part, i])
		ratio = print_cells(part, rows[part, i], field, scale)
		over += ratio > limit
		if (ratio > worst)
			worst = ratio
	}
	if (worst)
		printf "\ntamalloc: more than %.2f times in %d of %d rows, at most %.2f.\n",
			limit, over, count[part], worst
	if (field == "time")
		print_spread(part)
}

function faults(part, i, j, value) {
	for (i = 1; i <= count[part]; i++) {
		print_row_start(rows[part, i])
		for (j = 1; j <= peers; j++) {
			value = get(part, rows[part, i], peer[j], "faults", 1)
			printf " %s |", (value == "" ? missing(peer[j]) : number(value))
		}
		print ""
	}
}

function resident(part, i, j, freed, later) {
	for (i = 1; i <= count[part]; i++) {
		print_row_start(rows[part, i])
		for (j = 1; j <= peers; j++) {
			freed = get(part, rows[part, i], peer[j], "freed", 1024)
			later = get(part, rows[part, i], peer[j], "later", 1024)
			if (freed == "" || later == "")
				printf " %s |", missing(peer[j])
			else
				printf " %s → %s |", number(freed), number(later)
		}
		print ""
	}
}

# The ratio is the median of those of each turn: the machine's changes are slower.
function small(i, j, who, both, alone, above) {
	print "| allocator | alone | below tamalloc | times as long |\n|---|--:|--:|--:|"
	for (i = 1; i <= peers; i++) {
		if (peer[i] == "tamalloc" || peer[i] == "glibc-huge" || peer[i] in absent)
			continue
		alone = get("small", "-" SUBSEP "-", peer[i], "time", 1)
		above = get("small", "-" SUBSEP "-", peer[i] "+tamalloc", "time", 1)
		printf "| %s | %s |", label(peer[i]), (alone == "" ? missing(peer[i]) : number(alone))
		if (alone == "" || above == "") {
			printf " %s | – |\n", missing("tamalloc")
			continue
		}
		who = peer[i]
		both = who "+tamalloc"
		for (j = 1; j <= turns; j++)
			if ((who, j) in turn && (both, j) in turn)
				add(both, turn[both, j] / turn[who, j])
		printf " %s | %.3f ± %.3f |\n", number(above), median(both),
			uncertainty(both) * median(both)
	}
}

# Not all of the same unit, so without a ratio.
function promise_rows(i, j, row, cell, value) {
	header("what", "")
	for (i = 1; i <= count["promises"]; i++) {
		row = rows["promises", i]
		split(row, cell, SUBSEP)
		printf "| %s |", label(cell[1])
		for (j = 1; j <= peers; j++) {
			value = get("promises", row, peer[j], "time",
				cell[1] ~ /^rights/ ? 1000 : 1024)
			printf " %s |", (value == "" ? missing(peer[j]) : number(value))
		}
		print ""
	}
}

function program_rows(i, row, cell) {
	header("program | what", "tamalloc / best of the others")
	for (i = 1; i <= count["program"]; i++) {
		row = rows["program", i]
		split(row, cell, SUBSEP)
		printf "| %s | CPU, ms |", label(cell[1])
		print_cells("program", row, "time", 1e6)
		printf "| | page faults |"
		print_cells("program", row, "faults", 1)
		printf "| | peak, MiB |"
		print_cells("program", row, "peak", 1024)
	}
	for (i in absent)
		if (i in name && i != "glibc-huge")
			printf "\n%s: %s.\n", label(i), absent[i]
}

END {
	for (i = 1; i <= peers; i++)
		if (peer[i] in version)
			listed = listed ", " label(peer[i]) \
				(version[peer[i]] == "" ? "" : " " version[peer[i]])
	print "\nAllocators: " substr(listed, 3) "."
	for (i = 1; i <= peers; i++)
		if (peer[i] in absent)
			printf "%s: %s.\n", label(peer[i]), absent[peer[i]]

	if (count["repeat"]) {
		print "\n### The same size again and again: µs a cycle\n"
		table("repeat", "time", 1000, 1.1)
	}
	if (count["mixed"]) {
		print "\n### Mixed sizes in eight slots: µs a turn\n"
		table("mixed", "time", 1000, 1.1)
		print "\n### Mixed sizes in eight slots: MiB resident at most\n"
		table("mixed", "peak", 1024, 1.25)
	}
	if (count["repeat"] + count["mixed"]) {
		print "\n### Page faults a cycle\n"
		header("touched | size", "")
		faults("repeat")
		faults("mixed")
		print "\n### MiB resident just after the last free → 1.2 s later\n"
		header("touched | size", "")
		resident("repeat")
		resident("mixed")
	}
	if (count["small"]) {
		print "\n### Small blocks: ns an operation\n"
		small()
	}
	if (count["program"]) {
		print "\n### Programs\n"
		program_rows()
	}
	if (count["promises"]) {
		print "\n### Promises, with the defaults of each\n"
		promise_rows()
	}
	if (failures) {
		print "run: not all cells were measured: see above" >"/dev/stderr"
		exit 1
	}
}
