// SPDX-License-Identifier: MIT
#define _GNU_SOURCE
#include "order.h"

#include <stdlib.h>

struct context {
	const struct order *order;
	const struct machine *machine;
};

bool order_add(struct order *order, const struct column *column, bool descending)
{
	if (order->count == ORDER_MAX)
		return false;
	order->key[order->count].column = column;
	order->key[order->count++].descending = descending;
	return true;
}

uint64_t order_fields(const struct order *order)
{
	uint64_t fields = 0;

	for (size_t i = 0; i < order->count; i++)
		fields |= order->key[i].column->fields;
	return fields;
}

static int compare(const void *one, const void *other, void *data)
{
	const struct row *a = *(const struct row *const *)one;
	const struct row *b = *(const struct row *const *)other;
	const struct context *context = data;

	for (size_t i = 0; i < context->order->count; i++) {
		int order = column_compare(context->order->key[i].column, a, b,
					   context->machine,
					   context->order->key[i].descending);

		if (order)
			return order;
	}
	if (a->process.pid != b->process.pid)
		return a->process.pid < b->process.pid ? -1 : 1;
	return (a > b) - (a < b);
}

void order_sort(const struct order *order, const struct row **rows, size_t count,
		const struct machine *machine)
{
	struct context context = { order, machine };

	if (count > 1)
		qsort_r(rows, count, sizeof(*rows), compare, &context);
}
