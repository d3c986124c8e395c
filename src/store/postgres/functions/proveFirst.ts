/** The functions of a proof: revisions of rows at one time, new fingerprints, the database's clock; and claims. */

const clockMillis = "floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint"

/**
 * If the row is missing, a crash or a failover emptied the table of fingerprints. Lost fingerprints have timestamps
 * before now. Timestamps are whole seconds, so the era is the next one.
 */
const eraFunction = `CREATE FUNCTION keystate.era_v1(instant bigint) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE found_era bigint;
BEGIN
LOOP
SELECT era INTO found_era FROM keystate.signature_era;
IF FOUND THEN RETURN found_era; END IF;
INSERT INTO keystate.signature_era (era) VALUES ((instant / 1000 + 1) * 1000) ON CONFLICT DO NOTHING;
END LOOP;
END $$`

/**
 * One statement reads all revisions, so that they are of one time. A fingerprint is new if it can be inserted and is
 * not in the table of those with future timestamps. Fingerprints are inserted in one order, so that no two questions
 * deadlock.
 */
const proveFunction = `CREATE FUNCTION keystate.prove_v1(
key_ids text[], accounts text[], regions text[], alias_names text[], meta_names text[],
fingerprints text[], stamps bigint[], expiries bigint[],
OUT heads text[], OUT alias_keys text[], OUT meta_values text[], OUT fresh text[], OUT instant bigint, OUT era bigint
) LANGUAGE plpgsql
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET jit = off
SET plan_cache_mode = force_generic_plan AS $$
BEGIN
IF pg_is_in_recovery() THEN
RAISE EXCEPTION 'the server is a standby' USING ERRCODE = 'KS002';
END IF;
fresh := '{}';
instant := ${clockMillis};
era := keystate.era_v1(instant);
IF cardinality(fingerprints) > 0 THEN
PERFORM set_config('lock_timeout', '1000', true);
IF instant < ANY (stamps) AND current_setting('synchronous_commit') IN ('off', 'local') THEN
PERFORM set_config('synchronous_commit', 'on', true);
END IF;
WITH asked AS (
SELECT a.fingerprint, a.stamp, a.expires FROM unnest(fingerprints, stamps, expiries) AS a (fingerprint, stamp, expires)
ORDER BY a.fingerprint
), added AS (
INSERT INTO keystate.signatures (fingerprint, expires_at) SELECT a.fingerprint, a.expires FROM asked a
ON CONFLICT DO NOTHING RETURNING fingerprint
), ahead AS (
INSERT INTO keystate.signatures_ahead (fingerprint, expires_at)
SELECT a.fingerprint, a.expires FROM asked a JOIN added USING (fingerprint) WHERE a.stamp > instant ON CONFLICT DO NOTHING
)
SELECT coalesce(array_agg(added.fingerprint), '{}') INTO fresh FROM added
WHERE NOT EXISTS (SELECT FROM keystate.signatures_ahead s WHERE s.fingerprint = added.fingerprint);
END IF;
SELECT
ARRAY(SELECT (SELECT t.head FROM keystate.keys t WHERE t.id = q.id)
FROM unnest(key_ids) WITH ORDINALITY AS q (id, n) ORDER BY q.n),
ARRAY(SELECT (SELECT t.key FROM keystate.aliases t WHERE t.account = q.account AND t.region = q.region AND t.name = q.name)
FROM unnest(accounts, regions, alias_names) WITH ORDINALITY AS q (account, region, name, n) ORDER BY q.n),
ARRAY(SELECT (SELECT t.value FROM keystate.meta t WHERE t.name = q.name)
FROM unnest(meta_names) WITH ORDINALITY AS q (name, n) ORDER BY q.n)
INTO heads, alias_keys, meta_values;
instant := ${clockMillis};
END $$`

/**
 * A claim is anonymous and ends with its time limit. A row that another transaction is claiming or changing is skipped.
 */
const claimFunction = `CREATE FUNCTION keystate.claim_v1(until bigint, at_most bigint, for_ms bigint)
RETURNS SETOF keystate.deadlines LANGUAGE sql AS $$
UPDATE keystate.deadlines d SET claimed_until = ${clockMillis} + for_ms
FROM (SELECT key, kind FROM keystate.deadlines WHERE due_at <= until AND claimed_until <= ${clockMillis}
ORDER BY due_at, key, kind LIMIT at_most FOR UPDATE SKIP LOCKED) AS free
WHERE d.key = free.key AND d.kind = free.kind RETURNING d.*
$$`

export const proveFunctions: ReadonlyArray<string> = [eraFunction, proveFunction, claimFunction]
