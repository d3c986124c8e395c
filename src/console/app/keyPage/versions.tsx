/** A key's versions, which of them is primary, and when the next is made. */
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
import { whyNot } from "./actions.tsx"

interface VersionsProps {
  readonly row: KeyRow
  readonly allowed: AllowedNow | undefined
}

export const VersionsTab = ({ row, allowed }: VersionsProps) => {
  const { region } = useConsole()
  const { refusal, reply } = useLoaded(
    () => callOperation(region, "ListKeyVersions", { KeyId: row.keyId, PageSize: "100" }),
    `${region} ${row.keyId} ${row.epoch}`
  )
  const versions = listAt(reply, "KeyVersions", "KeyVersion")
  const total = Number(textAt(reply, "TotalCount"))
  const create = useAction()
  const isAsymmetric = row.primaryVersion === "" && row.rotation === "Unsupported" && row.origin !== "EXTERNAL"
  return (
    <>
      <Rotation row={row} allowed={allowed} />
      <section className="card">
        <div className="cardHead">
          <h2>Versions</h2>
          {isAsymmetric && (
            <Button
              off={whyNot(allowed, "CreateKeyVersion")}
              onClick={() => void create.run("CreateKeyVersion", { KeyId: row.keyId })}
            >
              Create version
            </Button>
          )}
        </div>
        <Refused refusal={create.refusal ?? refusal} />
        <div className="tableBox" tabIndex={0} role="region" aria-label="Versions">
          <table>
            <thead>
              <tr>
                <th scope="col">Version</th>
                <th scope="col">Created</th>
                <th scope="col">Use</th>
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
                      {isAsymmetric ? (
                        "named in each call"
                      ) : id === row.primaryVersion ? (
                        <span className="badge good">Primary</span>
                      ) : (
                        "decrypts what it encrypted"
                      )}
                    </td>
                  </tr>
                )
              })}
            </tbody>
          </table>
        </div>
        {total > versions.length && (
          <p className="quiet small">
            The newest {versions.length} of {total}.
          </p>
        )}
      </section>
    </>
  )
}

const about: Readonly<Record<RotationState, string>> = {
  Enabled:
    "At each interval a new version is made and becomes primary; older ones go on decrypting what they encrypted.",
  Disabled: "Automatic rotation is off: the primary version stays as it is.",
  Suspended:
    "The policy is on, and does nothing while the key is not Enabled. Once it is enabled again, a rotation that fell due meanwhile is made up for, once.",
  Unsupported:
    "Such a key does not rotate: asymmetric keys, keys with imported material and service-managed keys have no policy."
}

const isRotationState = (rotation: string): rotation is RotationState => Object.hasOwn(about, rotation)
const aboutRotation = (rotation: string): string => (isRotationState(rotation) ? about[rotation] : "")

const choices = [
  ["off", "Off"],
  ["7d", "Every 7 days"],
  ["30d", "Every 30 days"],
  ["90d", "Every 90 days"],
  ["180d", "Every 180 days"],
  ["365d", "Every 365 days"]
] as const

const Rotation = ({ row, allowed }: VersionsProps) => {
  const action = useAction()
  const [chosen, setChosen] = useState("30d")
  const next = instant(row.nextRotationDate)
  const last = instant(row.lastRotationDate)
  const isOff = whyNot(allowed, "UpdateRotationPolicy")
  const apply = (): void =>
    void action.run(
      "UpdateRotationPolicy",
      chosen === "off"
        ? { KeyId: row.keyId, EnableAutomaticRotation: "false" }
        : { KeyId: row.keyId, EnableAutomaticRotation: "true", RotationInterval: chosen }
    )
  return (
    <section className="card">
      <h2>Rotation</h2>
      <div className="stack">
        <Note tone={row.rotation === "Suspended" ? "warn" : "calm"}>
          <strong>{row.rotation}.</strong> {aboutRotation(row.rotation)}
        </Note>
        <dl className="fields">
          {row.rotationInterval !== "" && (
            <>
              <dt>Interval</dt>
              <dd>{interval(row.rotationInterval)}</dd>
            </>
          )}
          {next !== undefined && (
            <>
              <dt>Next rotation</dt>
              <dd>
                {row.rotation === "Suspended" ? (
                  "when the key is Enabled again"
                ) : (
                  <>
                    <Countdown to={next} what="Rotation" /> <span className="quiet">· {absolute(next)}</span>
                  </>
                )}
              </dd>
            </>
          )}
          {last !== undefined && (
            <>
              <dt>Newest version</dt>
              <dd>
                <Moment at={last} />
              </dd>
            </>
          )}
        </dl>
        {row.rotation !== "Unsupported" && (
          <div className="row">
            <Choice label="Rotate" value={chosen} options={choices} onChange={setChosen} />
            <Button off={action.busy ? "Working…" : isOff} onClick={apply}>
              Apply
            </Button>
          </div>
        )}
        <Refused refusal={action.refusal} />
      </div>
    </section>
  )
}
