#!/bin/sh
# SPDX-License-Identifier: MIT
#
# redis-server, asked by redis-cli and redis-benchmark: hash tables and values of
# megabytes, and children that save the data while others come in. The server is in
# the package redis-tools, under the name of one of its uses.

# shellcheck disable=SC2317 # functions that both calls
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
# shellcheck source=tests/programs/both.sh
. "$(dirname "$0")/both.sh"

ln -s /usr/bin/redis-check-rdb "$scratch/redis-server"
scale=${PROGRAMS_FULL:+10}
scale=${scale:-1}

# In the protocol's short form, a command a line. Tables grow beyond half a MiB.
awk -v n="$((40000 * scale))" 'BEGIN {
	for (i = 0; i < n; i++) {
		state = (i * 16807 + 7) % 2147483647
		print "SET key:" i " " state
		print "HSET hash field:" state " " i
		print "ZADD sorted " state % 1000 " member:" i
		if (i % 4 == 0) {
			print "RPUSH list:" i % 50 " " state " " i
			print "SADD set member:" state % 50000
			print "XADD stream " i + 1 "-1 a " state " b " i
		}
	}
	for (i = 0; i < n; i += 3)
		print "DEL key:" i
}' | sed 's/$/\r/' >"$input/commands"

# Values of megabytes, of which little or all is written.
cat >"$input/large" <<-'EOF'
	SETBIT bits 30000000 1
	SETRANGE holes 5000000 end
	GETRANGE holes 4999990 5000010
	STRLEN bits
	BITCOUNT bits
	BITOP NOT negated bits
	BITCOUNT negated
	EVAL "for i = 1, 24 do redis.call('SET', 'v' .. i, string.rep('x', i * 60000)) end return redis.call('STRLEN', 'v24')" 0
	EVAL "for i = 1, 24 do redis.call('APPEND', 'v' .. i, string.rep('y', i * 10000)) end return redis.call('STRLEN', 'v24')" 0
	EVAL "for i = 1, 24, 2 do redis.call('DEL', 'v' .. i) end return redis.call('DBSIZE')" 0
	EVAL "for i = 1, 24, 3 do redis.call('SETRANGE', 'v' .. i, i * 50000, 'z') end return redis.call('STRLEN', 'v24')" 0
	EVAL "local t = {} for i = 1, 100000 do t[i] = i end return #table.concat(t, ',')" 0
	COPY hash hash2
	SINTERSTORE common set set
	ZRANGESTORE part sorted 10 50000
	SORT set ALPHA LIMIT 10 5
	LRANGE list:4 0 5
	XLEN stream
	UNLINK hash2
	SETBIT bits 7 1
	BITCOUNT bits
EOF

client() {
	redis-cli -s socket "$@"
}

# start [OPTION...]: and wait until it has read its data.
start() {
	"$scratch/redis-server" --port 0 --unixsocket socket --save '' --appendfsync no \
		--enable-debug-command yes --loglevel notice --logfile log "$@" &
	server=$!
	trap 'kill $server 2>/dev/null; cat log >&2' EXIT
	until [ "$(client PING 2>/dev/null)" = PONG ]; do
		kill -0 "$server"
		sleep 0.1
	done
}

stop() {
	client SHUTDOWN NOSAVE
	trap - EXIT
	wait "$server"
	if grep -i 'crashed\|assert\|corrupt' log; then
		return 1
	fi
}

contents() {
	client DEBUG DIGEST
	client DBSIZE
}

# settled FIELD: a child has ended, and well.
settled() {
	while client INFO persistence | grep -q "^$1_in_progress:1"; do
		sleep 0.1
	done
}

save() {
	client BGSAVE
	# While the child writes, its parent changes what it has. With each -n the same.
	redis-benchmark -s socket -q -n 20000 -c 10 -P 16 -t set,lpush,sadd,hset,zadd >/dev/null
	redis-benchmark -s socket -q -n 200 -c 4 -d 400000 -t set,get,getset >/dev/null
	settled rdb_bgsave
	client INFO persistence | grep ^rdb_last_bgsave_status
	contents
	client BGSAVE
	settled rdb_bgsave
	client INFO persistence | grep ^rdb_last_bgsave_status
}

dumped() {
	start
	client --pipe <"$input/commands"
	client <"$input/large"
	contents
	save
	client DEBUG RELOAD
	contents
	stop
	redis-check-rdb dump.rdb | grep 'looks\|keys read'
	start
	contents
	client FLUSHALL
	client DBSIZE
	client <"$input/large"
	contents
	stop
	# The order in it is another each time.
	rm log dump.rdb
}

appended() {
	start --appendonly yes
	client --pipe <"$input/commands"
	client <"$input/large"
	contents
	client BGREWRITEAOF
	redis-benchmark -s socket -q -n 20000 -c 10 -P 16 -t set,lpush,incr >/dev/null
	settled aof_rewrite
	client INFO persistence | grep ^aof_last_bgrewrite_status
	contents
	stop
	start --appendonly yes
	contents
	stop
	rm -r log appendonlydir
}

both 'saved' dumped
took redis-server allocated
both 'appended' appended
took redis-server allocated

done_testing
