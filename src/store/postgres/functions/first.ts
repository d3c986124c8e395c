/** The functions of the first schema. A function is never changed; a new one gets the next number. */
import { commitFunction } from "./commitFirst.ts"
import { proveFunctions } from "./proveFirst.ts"

/**
 * The outcome of a turn: its conflicts, or NULL if it was not executed. In that case it is never executed, because this
 * call takes the turn, and a later commit finds it taken.
 */
const settleFunction = `CREATE FUNCTION keystate.settle_v1(writer text, turn_ bigint, wait_ms text)
RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE found_turn bigint; kept jsonb;
BEGIN
IF current_setting('synchronous_commit') IN ('off', 'local') THEN
PERFORM set_config('synchronous_commit', 'on', true);
END IF;
PERFORM set_config('lock_timeout', wait_ms, true);
SELECT turn, conflicts INTO found_turn, kept FROM keystate.writers WHERE id = writer FOR UPDATE;
IF found_turn = turn_ THEN
RETURN kept;
END IF;
UPDATE keystate.writers SET turn = turn_, conflicts = NULL WHERE id = writer AND turn < turn_;
RETURN NULL;
END $$`

export const functionsFirst: ReadonlyArray<string> = [commitFunction, settleFunction, ...proveFunctions]
