/** A policy document with the verdict of the parser and the evaluator of the service, while a person types. */
import { useEffect, useId, useState } from "react"
import type { KeyRow, PolicyVerdict, Refusal, Ruled, VerdictKey } from "../../protocol.ts"
import { readKey, readVerdict } from "../data/api.ts"
import type { Answer } from "../data/api.ts"
import { useConsole } from "../data/store.ts"
import { useLoaded } from "../data/useLoaded.ts"
import { useSettled } from "../data/useSettled.ts"
import { Field, Note, Refused } from "../parts/basic.tsx"
import { joined, t } from "../text/text.ts"
import type { PlainText } from "../text/text.ts"

const typingMillis = 250
/** Longer than between two keystrokes: each question has audit records. */
const keyTypingMillis = 700

/** The verdict on a text; undefined until it is there. An older verdict never replaces a newer one. */
const useVerdict = (document: string, key: VerdictKey | undefined): Answer<PolicyVerdict> | undefined => {
  const { region } = useConsole()
  const [verdict, setVerdict] = useState<Answer<PolicyVerdict>>()
  useEffect(() => {
    const control = new AbortController()
    const read = async (): Promise<void> => {
      const answer = await readVerdict(region, { document, key }, control.signal)
      if (!control.signal.aborted) setVerdict(answer)
    }
    const timer = window.setTimeout(() => void read(), typingMillis)
    return () => {
      window.clearTimeout(timer)
      control.abort()
    }
  }, [region, document, JSON.stringify(key)])
  return verdict
}

const noKey: Answer<KeyRow | undefined> = { ok: true, reply: undefined }

/** The key that a person names; undefined if the name is empty. */
const useNamedKey = (text: string) => {
  const { region } = useConsole()
  const name = useSettled(text.trim(), keyTypingMillis)
  return useLoaded<KeyRow | undefined>(
    () => (name === "" ? Promise.resolve(noKey) : readKey(region, name)),
    `${region} ${name}`
  )
}

/** The line of a place that the parser names by characters: `near character 16`. */
const lineOf = (document: string, message: string): number | undefined => {
  const at = /near character ([0-9]+)/.exec(message)?.[1]
  return at === undefined ? undefined : document.slice(0, Number(at)).split("\n").length
}

interface EditorProps {
  readonly document: string
  readonly onChange: (document: string) => void
  readonly isFixed?: boolean
}

export const PolicyEditor = ({ document, onChange, isFixed = false }: EditorProps) => {
  const [name, setName] = useState("")
  const named = useNamedKey(name)
  const row = named.reply
  const verdict = useVerdict(document, row === undefined ? undefined : { keyId: row.keyId, tags: row.tags ?? {} })
  return (
    <>
      <Field label={t("Policy document")}>
        {(ids) => (
          <textarea
            {...ids}
            rows={14}
            spellCheck={false}
            readOnly={isFixed}
            value={document}
            onChange={(event) => onChange(event.target.value)}
          />
        )}
      </Field>
      <div role="status">
        <Fault document={document} message={verdict?.ok === true ? verdict.reply.fault?.message : undefined} />
      </div>
      <Field label={t("Verdict for the key")} hint={t("A key id, an ARN or an alias. Empty for a key without tags.")}>
        {(ids) => <input {...ids} value={name} onChange={(event) => setName(event.target.value)} spellCheck={false} />}
      </Field>
      <Judged refusal={named.refusal ?? row?.refused} row={row} verdict={verdict} />
    </>
  )
}

interface JudgedProps {
  /** Why the key cannot be read. */
  readonly refusal: Refusal | undefined
  readonly row: KeyRow | undefined
  readonly verdict: Answer<PolicyVerdict> | undefined
}

const Judged = ({ refusal, row, verdict }: JudgedProps) => {
  if (refusal !== undefined) return <Refused refusal={refusal} />
  if (verdict === undefined) return null
  if (!verdict.ok) return <Refused refusal={verdict.refusal} />
  if (verdict.reply.fault !== undefined) return null
  return (
    <>
      {row !== undefined && row.tags === undefined && (
        <Note tone="warn">
          {t("You may not read the tags of this key. The verdict is that of a key without tags.")}
        </Note>
      )}
      <Verdict operations={verdict.reply.operations} />
    </>
  )
}

interface FaultProps {
  readonly document: string
  readonly message: string | undefined
}

const Fault = ({ document, message }: FaultProps) => {
  if (message === undefined) return null
  const line = lineOf(document, message)
  return (
    <Note tone="bad">
      <p>
        <span lang="en">{message}</span>
        {line !== undefined && ` ${t("It is on line {line}.", { line })}`}
      </p>
    </Note>
  )
}

const groups = [
  ["Allow", "Allowed", "No operation is allowed."],
  ["Deny", "Denied", "No operation is denied."],
  ["Implicit", "Not covered", "Every operation is allowed or denied."]
] as const satisfies ReadonlyArray<readonly [Ruled["effect"], PlainText, PlainText]>

const ruledWord = ({ operation, statement }: Ruled): string =>
  statement === undefined ? operation : t("{operation} (statement {statement})", { operation, statement })

const Verdict = ({ operations }: { readonly operations: ReadonlyArray<Ruled> }) => {
  const id = useId()
  return (
    <section aria-labelledby={id} className="stack tight">
      <h3 id={id}>{t("What this document decides")}</h3>
      <p className="quiet small">
        {t(
          "Other policies and the policy of the key are not evaluated. Conditions use your name, your address and the current time."
        )}
      </p>
      {groups.map(([effect, word, none]) => {
        const found = operations.filter((one) => one.effect === effect)
        return (
          <details key={effect} open={effect !== "Implicit" && found.length > 0}>
            <summary>
              {t("{effect}: {count} of {total} operations", {
                effect: t(word),
                count: found.length,
                total: operations.length
              })}
            </summary>
            <p className="small">{found.length === 0 ? t(none) : joined(found.map(ruledWord))}</p>
          </details>
        )
      })}
    </section>
  )
}
