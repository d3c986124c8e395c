/** One operation on several keys: what would be refused and why, progress, and the outcome for each key. */
import { useState } from "react"
import type { KeyRow, Refusal } from "../../protocol.ts"
import { isTemporary } from "../data/api.ts"
import { nameOf } from "../data/keys.ts"
import { countedKeys, refusalWord } from "../data/words.ts"
import { Button, Field, Note, Refused } from "../parts/basic.tsx"
import { endOf, lackOf, noOrder, OrderFields } from "../parts/deletionOrder.tsx"
import { Dialog } from "../parts/dialog.tsx"
import { Moment } from "../parts/moment.tsx"
import { StateBadge } from "../parts/state.tsx"
import { intentOf } from "./bulkIntents.ts"
import type { Given, Intent, IntentWords, TagForm } from "./bulkIntents.ts"
import { useBulk, usePreviews } from "./useBulk.ts"
import type { Bulk, Outcome } from "./useBulk.ts"
import { joined, t } from "../text/text.ts"
import { rich } from "../text/rich.tsx"

interface BulkProps {
  readonly rows: ReadonlyArray<KeyRow>
  readonly intent: Intent
  readonly onClose: () => void
}

/** What a person has to type before several keys are scheduled for deletion. */
const wordFor = (count: number): string => t("delete {count}", { count: String(count) })

interface BulkRequest {
  readonly intent: IntentWords
  readonly given: Given
  /** Keys that nothing refuses; undefined until that is known. */
  readonly going: ReadonlyArray<KeyRow> | undefined
  /** The keys could not be checked. */
  readonly fails: boolean
  readonly busy: boolean
}

/** Why the operation cannot begin. */
const lackIn = ({ intent, given, going, fails, busy }: BulkRequest): string | undefined => {
  if (busy) return t("Working…")
  if (fails) return t("The keys could not be checked.")
  if (going === undefined) return t("Checking the keys…")
  if (going.length === 0) return t("Every selected key would be refused.")
  if (intent.name === "schedule") return lackOf(given.order, wordFor(going.length))
  const needsTag = intent.name === "tag" || intent.name === "untag"
  return needsTag && given.tag.key === "" ? t("Enter the key of the tag.") : undefined
}

export const BulkDialog = ({ rows, intent: name, onClose }: BulkProps) => {
  const intent = intentOf(name)
  // The list changes with each call; what was selected stays.
  const [selected] = useState(rows)
  const [given, setGiven] = useState<Given>({ order: noOrder, tag: { key: "", value: "" } })
  const { failure, refusals } = usePreviews(intent.operation, selected)
  const bulk = useBulk(intent)
  const going = refusals === undefined ? undefined : selected.filter(({ keyId }) => !refusals.has(keyId))
  const lack = lackIn({ intent, given, going, fails: failure !== undefined, busy: bulk.busy })
  const count = going?.length ?? 0
  return (
    <Dialog title={t(intent.title)} onClose={onClose} busy={bulk.busy}>
      {name === "schedule" && (
        <Note tone="bad">
          {t(
            "Data encrypted under a deleted key can never be decrypted again. Disabling a key also refuses every use, and can be undone."
          )}
        </Note>
      )}
      <Refused refusal={failure} />
      {!bulk.isFinished && (
        <Form intent={intent} given={given} count={count} onChange={(change) => setGiven({ ...given, ...change })} />
      )}
      {failure === undefined && (
        <p role="status">{bulk.busy || bulk.isFinished ? doneWord(bulk) : previewWord(selected, refusals)}</p>
      )}
      {bulk.busy && <progress value={bulk.outcomes.size} max={Math.max(count, 1)} aria-label={t("Progress")} />}
      <ul className="stack tight effects" aria-label={t("Effect on each key")} tabIndex={0}>
        {selected.map((row) => (
          <li key={row.keyId}>
            <strong>{nameOf(row)}</strong> <StateBadge state={row.state} />
            <span className="why">
              <Effect
                row={row}
                intent={intent}
                outcome={bulk.outcomes.get(row.keyId)}
                refusal={refusals?.get(row.keyId)}
                given={given}
              />
            </span>
          </li>
        ))}
      </ul>
      <Foot intent={intent} bulk={bulk} going={going ?? []} given={given} lack={lack} onClose={onClose} />
    </Dialog>
  )
}

interface FootProps {
  readonly intent: IntentWords
  readonly bulk: Bulk
  readonly going: ReadonlyArray<KeyRow>
  readonly given: Given
  readonly lack: string | undefined
  readonly onClose: () => void
}

const Foot = ({ intent: { look, word }, bulk, going, given, lack, onClose }: FootProps) => {
  const rest = bulk.isFinished ? unsettled(bulk, going) : going
  const run = (): void => void bulk.run(rest, given)
  return (
    <div className="row end">
      {bulk.busy ? (
        <Button onClick={bulk.stop}>{t("Stop after this key")}</Button>
      ) : (
        <Button onClick={onClose}>{bulk.isFinished ? t("Close") : t("Close without changes")}</Button>
      )}
      {bulk.isFinished && rest.length > 0 && (
        <Button look="main" onClick={run}>
          {t("Continue with {keys}", { keys: countedKeys(rest.length) })}
        </Button>
      )}
      {!bulk.isFinished && (
        <Button look={look === "danger" ? "danger" : "main"} off={lack} onClick={run}>
          {t(word)}: {countedKeys(rest.length)}
        </Button>
      )}
    </div>
  )
}

/** Keys that were not tried, and the one whose call failed for now. */
const unsettled = ({ outcomes }: Bulk, going: ReadonlyArray<KeyRow>): ReadonlyArray<KeyRow> =>
  going.filter(({ keyId }) => {
    const outcome = outcomes.get(keyId)
    return outcome === undefined || (outcome !== "done" && isTemporary(outcome))
  })

const previewWord = (selected: ReadonlyArray<KeyRow>, refusals: ReadonlyMap<string, Refusal> | undefined): string => {
  if (refusals === undefined) return t("Checking which keys would be refused…")
  const refused = refusals.size
  return t("{changed} will be changed, {refused} would be refused.", {
    changed: countedKeys(selected.length - refused),
    refused: countedKeys(refused)
  })
}

const doneWord = ({ outcomes, rest }: Bulk): string => {
  const done = [...outcomes.values()].filter((outcome) => outcome === "done").length
  const parts = [t("{count} done", { count: done }), t("{count} refused", { count: outcomes.size - done })]
  const untried = rest.length === 0 ? [] : [t("{count} not tried", { count: rest.length })]
  return t("{outcomes}.", { outcomes: joined([...parts, ...untried]) })
}

interface FormProps {
  readonly intent: IntentWords
  readonly given: Given
  readonly count: number
  readonly onChange: (change: Partial<Given>) => void
}

const Form = ({ intent: { name }, given: { order, tag }, count, onChange }: FormProps) => {
  if (name === "schedule") {
    return (
      <div className="columns">
        <OrderFields
          order={order}
          onChange={(next) => onChange({ order: next })}
          label={t("Type “{word}”", { word: wordFor(count) })}
        />
      </div>
    )
  }
  if (name !== "tag" && name !== "untag") return null
  return (
    <div className="columns">
      <TagField label={t("Tag key")} of="key" tag={tag} onChange={onChange} />
      {name === "tag" && <TagField label={t("Tag value")} of="value" tag={tag} onChange={onChange} />}
    </div>
  )
}

interface TagFieldProps {
  readonly label: string
  readonly of: keyof TagForm
  readonly tag: TagForm
  readonly onChange: (change: Partial<Given>) => void
}

const TagField = ({ label, of, tag, onChange }: TagFieldProps) => (
  <Field label={label}>
    {(ids) => (
      <input
        {...ids}
        value={tag[of]}
        onChange={(event) => onChange({ tag: { ...tag, [of]: event.target.value } })}
        spellCheck={false}
      />
    )}
  </Field>
)

interface EffectProps {
  readonly row: KeyRow
  readonly intent: IntentWords
  readonly outcome: Outcome | undefined
  readonly refusal: Refusal | undefined
  readonly given: Given
}

const Effect = ({ row, intent, outcome, refusal, given }: EffectProps) => {
  if (outcome !== undefined) return outcome === "done" ? t("Done.") : refusalWord(outcome)
  if (refusal !== undefined) return t("Would be refused: {reason}", { reason: refusalWord(refusal) })
  if (intent.name === "schedule") return <Deletion row={row} end={endOf(given.order)} />
  if (intent.name !== "cancel") return t(intent.effect)
  return row.origin === "EXTERNAL" && !row.materialPresent ? t("Returns to Pending import.") : t("Returns to Enabled.")
}

const Deletion = ({ row: { aliases = [] }, end }: { readonly row: KeyRow; readonly end: number | undefined }) => (
  <>
    {rich("Refuses every use at once; destroyed on {time}", {
      time: end === undefined ? t("its deletion date") : <Moment at={end} />
    })}
    {aliases.length > 0 && t("; its aliases are deleted with it: {aliases}", { aliases: joined(aliases) })}
  </>
)
