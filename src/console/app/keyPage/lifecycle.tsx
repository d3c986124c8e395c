/** The lifecycle of the key as a diagram and in words, with downloads. */
import { knownMachines } from "../../../visualizer/drawings.ts"
import { lineText } from "../../../visualizer/model/lines.ts"
import type { Moment } from "../../../visualizer/keys/history.ts"
import { captionOf, historyMarks, titleAfter } from "../../../visualizer/keys/keyMarks.ts"
import { toMermaid } from "../../../visualizer/writers/mermaid.ts"
import { svg } from "../../../visualizer/svg/svg.ts"
import type { SvgOptions } from "../../../visualizer/svg/svg.ts"
import { toJson } from "../../../visualizer/writers/json.ts"
import { useMemo } from "react"
import type { AllowedNow, KeyRow } from "../../protocol.ts"
import { readHistory } from "../data/api.ts"
import { readMoments, useMoments } from "../data/journal.ts"
import { nameOf } from "../data/keys.ts"
import { useConsole } from "../data/store.ts"
import { absolute, iso } from "../data/time.ts"
import { useLoaded } from "../data/useLoaded.ts"
import { Button } from "../parts/basic.tsx"
import { downloadPng, downloadText } from "../parts/download.ts"
import { useNow } from "../parts/moment.tsx"
import { meaningOf, rotationWord, StateBadge, wordOf } from "../parts/state.tsx"
import { arrowsOf } from "./arrows.ts"
import type { Arrow } from "./arrows.ts"
import type { Changes } from "./changes.tsx"
import { LiveChart } from "./liveChart.tsx"
import { UsesCard } from "./uses.tsx"
import type { Uses } from "./uses.tsx"
import { joined, ofMachine, t } from "../text/text.ts"
import { rich } from "../text/rich.tsx"
import { useLanguage } from "../text/useLanguage.ts"

const { drawing, geometry } = knownMachines.cmk

/** A longer history is computed only for a download. */
const foldedMax = 1000

/** Draws as `keystate diagram --key` does, so that both write the same files. */
const pictureOf = (keyId: string, moments: ReadonlyArray<Moment>): SvgOptions => {
  const end = moments.at(-1)
  return {
    ...historyMarks(drawing, moments),
    ...(end === undefined ? {} : { caption: captionOf(keyId, end) }),
    theme: "light",
    title: titleAfter(keyId, end?.entry.seq ?? 0)
  }
}

type Kind = "svg" | "png" | "mmd" | "json"

const download = async (region: string, keyId: string, kind: Kind): Promise<void> => {
  const moments = await readMoments(region, keyId)
  if (moments === undefined) return
  const options = pictureOf(keyId, moments)
  const name = `${keyId}.${kind}`
  const active = options.active ?? []
  switch (kind) {
    case "svg":
      return downloadText(`${svg(drawing, geometry, options)}\n`, name, "image/svg+xml")
    case "png":
      return downloadPng(svg(drawing, geometry, options), name)
    case "mmd":
      return downloadText(toMermaid(drawing, { active, caption: options.caption }), name, "text/plain")
    case "json":
      return downloadText(toJson(drawing, geometry, options), name, "application/json")
    default:
      return kind satisfies never
  }
}

const kinds = [
  ["svg", "SVG"],
  ["png", "PNG"],
  ["mmd", "Mermaid"],
  ["json", "JSON"]
] as const

interface LifecycleProps {
  readonly row: KeyRow
  readonly allowed: AllowedNow | undefined
  readonly changes: Changes
  readonly uses: Uses | undefined
}

const none: ReadonlyArray<Arrow> = []

export const LifecycleTab = ({ row, allowed, changes, uses }: LifecycleProps) => {
  const { region } = useConsole()
  const language = useLanguage()
  const history = useLoaded(() => readHistory(region, row.keyId), `${region} ${row.keyId} ${row.epoch}`)
  const moments = useMoments(region, row.keyId, row.epoch, row.epoch <= foldedMax)
  const active = [`state.lifecycle.${row.state}`, `state.rotation.${row.rotation}`]
  const visited = (history.reply?.visited ?? []).map((state) => `state.lifecycle.${state}`)
  const marks =
    moments?.at(-1)?.entry.seq === row.epoch
      ? historyMarks(drawing, moments)
      : { active, visited: visited.filter((state) => !active.includes(state)) }
  const name = t("Lifecycle of this key: {state}, rotation {rotation}", {
    state: wordOf(row.state),
    rotation: rotationWord(row.rotation)
  })
  const arrows = useMemo(
    () => (allowed === undefined ? none : arrowsOf(drawing, { row, allowed })),
    [row, allowed, language]
  )
  return (
    <div className="lifecycle">
      <div className="stack tight">
        <LiveChart
          name={name}
          caption={<Caption row={row} />}
          options={marks}
          here={`state.lifecycle.${row.state}`}
          arrows={arrows}
          onAct={changes.start}
        />
        <div className="row">
          <span className="quiet small">{t("Download")}</span>
          {kinds.map(([kind, word]) => (
            <Button key={kind} small onClick={() => void download(region, row.keyId, kind)}>
              {word}
            </Button>
          ))}
        </div>
      </div>
      <div className="stack">
        <section className="card">
          <h2>{t("Now")}</h2>
          <dl className="fields">
            <dt>{t("State")}</dt>
            <dd>
              <StateBadge state={row.state} /> <span className="quiet">{meaningOf(row.state)}</span>
            </dd>
            <dt>{t("Rotation")}</dt>
            <dd>{rotationWord(row.rotation)}</dd>
            <dt>{t("Material")}</dt>
            <dd>{row.materialPresent ? t("present") : t("not present")}</dd>
            <dt>{t("States so far")}</dt>
            <dd>{history.reply === undefined ? "…" : joined(history.reply.visited.map(wordOf))}</dd>
            <dt>{t("Events")}</dt>
            <dd>{row.epoch}</dd>
          </dl>
        </section>
        <UsesCard row={row} uses={uses} />
        <FromHere row={row} />
      </div>
    </div>
  )
}

/** The key and the time of the diagram. */
const Caption = ({ row }: { readonly row: KeyRow }) => {
  const now = useNow()
  return (
    <>
      {rich("<b>{name}</b>: {state}, rotation {rotation}, as of {time}", {
        name: nameOf(row),
        state: wordOf(row.state),
        rotation: rotationWord(row.rotation),
        time: <time dateTime={iso(now)}>{absolute(now)}</time>
      })}
    </>
  )
}

/** The transitions from the current state. Only a key with external material can be in PendingImport. */
const FromHere = ({ row: { origin, state } }: { readonly row: KeyRow }) => {
  const here = `state.lifecycle.${state}`
  const never = origin === "EXTERNAL" ? undefined : "state.lifecycle.PendingImport"
  const edges = drawing.edges.filter(({ source, target }) => source === here && target !== never)
  const wordOfId = (id: string): string => wordOf(id.split(".").at(-1) ?? id)
  return (
    <section className="card">
      <h2>{t("Transitions from {state}", { state: wordOf(state) })}</h2>
      <ul className="stack tight">
        {edges.flatMap((edge) =>
          edge.lines.map((line) => (
            <li key={`${edge.id} ${lineText(line)}`}>
              {line.timed ? t("on schedule: ") : ""}
              <code>{line.event ?? t("automatically")}</code> → <strong>{wordOfId(edge.target)}</strong>
              {line.guard !== null && (
                <span className="quiet"> {t("if {condition}", { condition: ofMachine(line.guard) })}</span>
              )}
            </li>
          ))
        )}
        {edges.length === 0 && <li>{t("None: this state is final.")}</li>}
      </ul>
    </section>
  )
}
