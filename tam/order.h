/* SPDX-License-Identifier: MIT */
/* The order of rows. */
#ifndef TAM_ORDER_H
#define TAM_ORDER_H

#include "columns.h"

#define ORDER_MAX 8

struct order {
	struct {
		const struct column *column;
		bool descending;
	} key[ORDER_MAX];
	size_t count;
};

/* False when there are too many. */
bool order_add(struct order *order, const struct column *column, bool descending);

uint64_t order_fields(const struct order *order);

/*
 * By the first key, where that is equal by the next, and so on, at last by pid.
 * Rows that are in the same array and still equal keep their order.
 */
void order_sort(const struct order *order, const struct row **rows, size_t count,
		const struct machine *machine);

#endif
