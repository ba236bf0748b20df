# SPDX-License-Identifier: MIT
#
# Microseconds a cycle over the size of the block, a panel for each touch:
#
#	gnuplot -c plot.gp DIRECTORY ALLOCATORS SVG
#
# DIRECTORY has a file for each touch: size in bytes, then a column for each of
# ALLOCATORS, NaN where it was not measured.

directory = ARG1
allocators = ARG2
touches = "nothing first10 random1 every fill"
title_of(panel) = panel == 1 ? "nothing is touched" : \
	panel == 2 ? "a byte in each page of the first tenth" : \
	panel == 3 ? "a byte in 1 % of the pages, at random" : \
	panel == 4 ? "a byte in each page" : "all bytes are written"
style_of(name) = name eq "glibc" ? 1 : name eq "glibc-huge" ? 2 : name eq "jemalloc" ? 3 : \
	name eq "mimalloc" ? 4 : name eq "tcmalloc" ? 5 : 6
label_of(name) = name eq "glibc-huge" ? "glibc (huge pages)" : name

set terminal svg size 1200,800 font "sans-serif,13" background "#ffffff"
set output ARG3

# Colours of Okabe and Ito, which colour-blind people tell apart.
set linetype 1 linecolor rgb "#000000" pointtype 6 linewidth 1.5
set linetype 2 linecolor rgb "#999999" pointtype 4 linewidth 1.5
set linetype 3 linecolor rgb "#0072b2" pointtype 8 linewidth 1.5
set linetype 4 linecolor rgb "#009e73" pointtype 10 linewidth 1.5
set linetype 5 linecolor rgb "#e69f00" pointtype 12 linewidth 1.5
set linetype 6 linecolor rgb "#d55e00" pointtype 7 linewidth 4

set logscale x 2
set logscale y 10
set xrange [2.0**15.5:2.0**30.5]
set yrange [0.3:3e6]
set xtics ("64 KiB" 2**16, "1 MiB" 2**20, "16 MiB" 2**24, "256 MiB" 2**28)
set ytics ("1 µs" 1, "10 µs" 1e1, "100 µs" 1e2, "1 ms" 1e3, "10 ms" 1e4, "100 ms" 1e5, "1 s" 1e6)
set grid linecolor rgb "#cccccc" linetype 0
set tics nomirror
unset key

set multiplot layout 2,3 title "A block of zeroed memory: calloc, touch, free, again and again"
do for [panel=1:5] {
	set title title_of(panel)
	plot for [i=1:words(allocators)] directory."/".word(touches, panel) \
		using 1:(column(i + 1)) with linespoints linetype style_of(word(allocators, i))
}

# The legend has the place of the sixth; its lines are drawn out of range.
unset title
unset tics
unset border
unset grid
unset logscale
set yrange [0:1]
set key center center vertical spacing 1.6 samplen 4 font ",15"
plot for [i=1:words(allocators)] 2 with linespoints linetype style_of(word(allocators, i)) \
	title label_of(word(allocators, i))
unset multiplot
