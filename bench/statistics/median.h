/* SPDX-License-Identifier: MIT */
#ifndef MEDIAN_H
#define MEDIAN_H

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static inline double microseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return 1e6 * (double)now.tv_sec + 1e-3 * (double)now.tv_nsec;
}

static inline int compare_doubles(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/*
 * Prints what was measured, the median of count values, and by how much of it
 * the quartiles lie apart at most, separated by tabs. Sorts values.
 */
static inline void print_median(const char *what, double *values, size_t count)
{
	double median, low, high;

	qsort(values, count, sizeof(*values), compare_doubles);
	median = values[count / 2];
	low = median - values[count / 4];
	high = values[count - 1 - count / 4] - median;
	printf("%s\t%.3f\t%.4f\n", what, median, (low > high ? low : high) / median);
}

#endif /* MEDIAN_H */
