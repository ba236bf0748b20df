#!/bin/sh
# SPDX-License-Identifier: MIT
#
# sqlite3: tables of 10^5 rows and more, indexes, joins, blobs of megabytes, in a file
# and in memory, by one process that does one after the other.

# shellcheck disable=SC2317 # functions that both calls
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
# shellcheck source=tests/programs/both.sh
. "$(dirname "$0")/both.sh"

rows=${PROGRAMS_FULL:+1000000}
rows=${rows:-100000}

# No random numbers but these.
cat >"$input/fill.sql" <<-EOF
	PRAGMA page_size = 4096;
	PRAGMA synchronous = OFF;
	PRAGMA cache_size = -16000;
	CREATE TABLE person (id INTEGER PRIMARY KEY, name TEXT, town INTEGER, born REAL);
	CREATE TABLE town (id INTEGER PRIMARY KEY, name TEXT, picture BLOB);
	BEGIN;
	WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $rows)
		INSERT INTO person SELECT i, printf('name %x', i * 7919 % 1000003),
			i * 31 % 997, i * 0.25 FROM n;
	WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 996)
		INSERT INTO town SELECT i, 'town ' || i, zeroblob(i * 3) FROM n;
	COMMIT;
	CREATE INDEX person_name ON person (name, born DESC);
	CREATE INDEX person_town ON person (town);
	ANALYZE;
EOF

cat >"$input/ask.sql" <<-'EOF'
	SELECT count(*), sum(id), min(name), max(name), avg(born) FROM person;
	SELECT town.name, count(*), sum(born), min(person.name) FROM person
		JOIN town ON town.id = person.town GROUP BY town.id
		ORDER BY 3 DESC, 1 LIMIT 20;
	SELECT count(*) FROM person a JOIN person b ON a.name = b.name AND a.id < b.id;
	SELECT count(*), sum(r) FROM (SELECT row_number() OVER
		(PARTITION BY town ORDER BY born DESC) AS r FROM person);
	SELECT length(group_concat(name)), length(group_concat(name, ' and ')) FROM person;
	SELECT substr(group_concat(hex(name), ''), 100000, 60) FROM
		(SELECT name FROM person ORDER BY name, id);
	SELECT count(*), sum(length(value)) FROM json_each(
		(SELECT json_group_array(name) FROM person WHERE town < 300));
	UPDATE person SET name = replace(name, 'name ', 'N') WHERE town % 3 = 0;
	DELETE FROM person WHERE town % 5 = 1;
	INSERT INTO person SELECT id + 10000000, upper(name), town, born FROM person
		WHERE town % 4 = 0;
	SELECT count(*), sum(id), min(name), max(name), avg(born) FROM person;
	PRAGMA integrity_check;
EOF

cat >"$input/blobs.sql" <<-'EOF'
	CREATE TABLE blob (id INTEGER PRIMARY KEY, content BLOB);
	WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 12)
		INSERT INTO blob SELECT i, zeroblob(i * 300000) FROM n;
	UPDATE blob SET content = CAST(content || printf('%0*d', id * 100000, id) AS BLOB)
		WHERE id % 2;
	UPDATE blob SET content = replace(hex(content), '00', 'z') WHERE id % 3 = 0;
	SELECT id, length(content), typeof(content), instr(content, '1') FROM blob;
	SELECT id, sum(length(content)) OVER (ORDER BY id) FROM blob;
	SELECT length(group_concat(hex(content))) FROM blob WHERE id < 4;
	DELETE FROM blob WHERE id IN (2, 5, 7);
	PRAGMA integrity_check;
EOF

# The shell stops at the first error.
database() {
	sqlite3 -bail -batch "$@"
}

in_file() {
	database data.db <<-EOF
		.read $input/fill.sql
		.read $input/ask.sql
		VACUUM;
		.read $input/blobs.sql
		PRAGMA journal_mode = WAL;
		CREATE INDEX person_born ON person (born);
		VACUUM;
		PRAGMA integrity_check;
		.sha3sum
		.backup copy.db
	EOF
	database copy.db .dump | sha256sum
	database data.db 'PRAGMA journal_mode = DELETE' 'REINDEX' 'PRAGMA integrity_check'
}

in_memory() {
	database :memory: <<-EOF
		.read $input/fill.sql
		PRAGMA temp_store = MEMORY;
		.read $input/ask.sql
		.read $input/blobs.sql
		.sha3sum
		.output dump.sql
		.dump
		.output
		VACUUM INTO 'plain.db';
	EOF
	database again.db <dump.sql
	database again.db .sha3sum
	rm dump.sql
	# A whole database as one block, which grows.
	database <<-EOF
		.open --deserialize plain.db
		CREATE TABLE more AS SELECT * FROM person;
		INSERT INTO more SELECT id + 1, name || id, town, born FROM more;
		CREATE INDEX more_name ON more (name);
		DROP TABLE person;
		VACUUM;
		PRAGMA integrity_check;
		.sha3sum
	EOF
	database :memory: '.mode csv' ".import '|seq 1 $rows' numbers" 'SELECT count(*) FROM numbers' .sha3sum
}

both 'in a file' in_file
took sqlite3
both 'in memory' in_memory
took sqlite3

done_testing
