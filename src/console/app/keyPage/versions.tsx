/** A key's versions, which of them is primary, and when the next one is created. */
import type { RotationState } from "../../../../machines/vocabulary.ts"
import { useState } from "react"
import type { AllowedNow, KeyRow } from "../../protocol.ts"
import { callOperation } from "../data/api.ts"
import { useConsole } from "../data/store.ts"
import { absolute, instant, interval } from "../data/time.ts"
import { listAt, textAt } from "../data/replies.ts"
import { useAction } from "../data/useAction.ts"
import { useLoaded } from "../data/useLoaded.ts"
import { Button, Choice, Note, Refused } from "../parts/basic.tsx"
import { Countdown, Moment } from "../parts/moment.tsx"
import { presentRotation, rotationChoices, rotationPolicyOf } from "./rotationPolicy.ts"
import { whyNot } from "./whyNot.ts"
import { t } from "../text/text.ts"
import type { PlainText } from "../text/text.ts"
import { rotationWord } from "../parts/stateWords.ts"

interface VersionsProps {
  readonly row: KeyRow
  readonly allowed: AllowedNow | undefined
}

const isAsymmetric = ({ primaryVersion, rotation, origin }: KeyRow): boolean =>
  primaryVersion === "" && rotation === "Unsupported" && origin !== "EXTERNAL"

export const VersionsTab = ({ row, allowed }: VersionsProps) => {
  const { region } = useConsole()
  const { refusal, reply } = useLoaded(
    () => callOperation(region, "ListKeyVersions", { KeyId: row.keyId, PageSize: "100" }),
    `${region} ${row.keyId} ${row.epoch}`
  )
  const versions = listAt(reply, "KeyVersions", "KeyVersion")
  const total = Number(textAt(reply, "TotalCount"))
  const create = useAction()
  return (
    <>
      <Rotation row={row} allowed={allowed} />
      <section className="card">
        <div className="cardHead">
          <h2>{t("Versions")}</h2>
          {isAsymmetric(row) && (
            <Button
              off={create.busy ? t("Creating…") : whyNot(allowed, "CreateKeyVersion")}
              onClick={() => void create.run("CreateKeyVersion", { KeyId: row.keyId })}
            >
              {t("Create version")}
            </Button>
          )}
        </div>
        <Refused refusal={create.refusal ?? refusal} />
        <Table row={row} versions={versions} />
        {total > versions.length && (
          <p className="quiet small">{t("The newest {count} of {total}.", { count: versions.length, total })}</p>
        )}
      </section>
    </>
  )
}

const Table = ({ row, versions }: { readonly row: KeyRow; readonly versions: ReadonlyArray<unknown> }) => (
  <div className="tableBox stacked" tabIndex={0} role="region" aria-label={t("Versions")}>
    <table>
      <thead>
        <tr>
          <th scope="col">{t("Version")}</th>
          <th scope="col">{t("Created")}</th>
          <th scope="col">{t("Use")}</th>
        </tr>
      </thead>
      <tbody>
        {versions.map((version) => {
          const id = textAt(version, "KeyVersionId")
          const created = instant(textAt(version, "CreationDate"))
          return (
            <tr key={id}>
              <th scope="row">
                <code>{id}</code>
              </th>
              <td>{created !== undefined && <Moment at={created} />}</td>
              <td>
                <Use row={row} id={id} />
              </td>
            </tr>
          )
        })}
      </tbody>
    </table>
  </div>
)

const Use = ({ row, id }: { readonly row: KeyRow; readonly id: string }) => {
  if (isAsymmetric(row)) return t("selected in each call")
  return id === row.primaryVersion ? <span className="badge good">{t("Primary")}</span> : t("decryption only")
}

const about: Readonly<Record<RotationState, PlainText>> = {
  Enabled:
    "At each interval a new version is created and becomes primary. Older versions still decrypt what they encrypted.",
  Disabled: "Automatic rotation is off. The primary version does not change.",
  Suspended:
    "The rotation policy is on but has no effect while the key is not Enabled. If a rotation is overdue when the key is enabled again, it is performed once.",
  Unsupported:
    "This key does not rotate. Asymmetric keys, keys with imported material and service-managed keys have no rotation policy."
}

const isRotationState = (rotation: string): rotation is RotationState => Object.hasOwn(about, rotation)
const aboutRotation = (rotation: string): string => (isRotationState(rotation) ? t(about[rotation]) : "")

const Rotation = ({ row, allowed }: VersionsProps) => {
  const action = useAction()
  /** Undefined while the choice is the policy that the key has. */
  const [picked, setPicked] = useState<string>()
  const chosen = picked ?? presentRotation(row)
  const apply = async (): Promise<void> => {
    const reply = await action.run("UpdateRotationPolicy", { KeyId: row.keyId, ...rotationPolicyOf(chosen) })
    if (reply !== undefined) setPicked(undefined)
  }
  const pick = (value: string): void => {
    // A refusal is about what was sent.
    action.clear()
    setPicked(value)
  }
  return (
    <section className="card">
      <h2>{t("Rotation")}</h2>
      <div className="stack">
        <Note tone={row.rotation === "Suspended" ? "warn" : "calm"}>
          <strong>{t("{word}.", { word: rotationWord(row.rotation) })}</strong> {aboutRotation(row.rotation)}
        </Note>
        <RotationFields row={row} />
        {row.rotation !== "Unsupported" && (
          <div className="row">
            <Choice label={t("Rotate")} value={chosen} options={rotationChoices(row)} onChange={pick} />
            <Button
              off={action.busy ? t("Working…") : whyNot(allowed, "UpdateRotationPolicy")}
              onClick={() => void apply()}
            >
              {t("Apply")}
            </Button>
          </div>
        )}
        <Refused refusal={action.refusal} />
      </div>
    </section>
  )
}

const RotationFields = ({ row }: { readonly row: KeyRow }) => {
  const next = instant(row.nextRotationDate)
  const last = instant(row.lastRotationDate)
  return (
    <dl className="fields">
      {row.rotationInterval !== "" && (
        <>
          <dt>{t("Interval")}</dt>
          <dd>{interval(row.rotationInterval)}</dd>
        </>
      )}
      {next !== undefined && (
        <>
          <dt>{t("Next rotation")}</dt>
          <dd>
            <NextRotation at={next} isSuspended={row.rotation === "Suspended"} />
          </dd>
        </>
      )}
      {last !== undefined && (
        <>
          <dt>{t("Newest version")}</dt>
          <dd>
            <Moment at={last} />
          </dd>
        </>
      )}
    </dl>
  )
}

const NextRotation = ({ at, isSuspended }: { readonly at: number; readonly isSuspended: boolean }) =>
  isSuspended ? (
    t("when the key is Enabled again")
  ) : (
    <>
      <Countdown to={at} what={t("Rotation")} /> <span className="quiet">· {absolute(at)}</span>
    </>
  )
