/** What can be done with the selected keys. The selection lasts over several pages of the list. */
import { useState } from "react"
import type { KeyRow, Refusal } from "../../protocol.ts"
import { readKeys } from "../data/api.ts"
import { consoleState } from "../data/store.ts"
import { Button, Refused } from "../parts/basic.tsx"
import { intents } from "./bulkIntents.ts"
import type { Intent } from "./bulkIntents.ts"
import { t } from "../text/text.ts"

/** Keys that can be selected together. */
const selectedMax = 1000
/** The longest page that the server answers. */
const pageMax = 100

interface SelectedProps {
  readonly chosen: ReadonlyMap<string, KeyRow>
  /** What the list shows. */
  readonly wanted: Readonly<Record<string, string>>
  readonly total: number
  readonly onChoose: (rows: ReadonlyArray<KeyRow>, isChosen: boolean) => void
  readonly onAct: (intent: Intent) => void
  readonly onClear: () => void
}

/** Every key that the list shows on any page; a refusal if one of them cannot be read. */
const everyRow = async (wanted: SelectedProps["wanted"]): Promise<ReadonlyArray<KeyRow> | Refusal> => {
  const rows: Array<KeyRow> = []
  for (;;) {
    const answer = await readKeys(consoleState().region, { ...wanted, offset: rows.length, limit: pageMax })
    if (!answer.ok) return answer.refusal
    rows.push(...answer.reply.rows)
    if (answer.reply.rows.length === 0 || rows.length >= Math.min(answer.reply.total, selectedMax)) return rows
  }
}

export const SelectedKeys = ({ chosen, wanted, total, onChoose, onAct, onClear }: SelectedProps) => {
  const [busy, setBusy] = useState(false)
  const [refusal, setRefusal] = useState<Refusal>()
  const selectAll = async (): Promise<void> => {
    setBusy(true)
    const found = await everyRow(wanted)
    setBusy(false)
    setRefusal("code" in found ? found : undefined)
    if (!("code" in found)) onChoose(found, true)
  }
  const off = busy ? t("Selecting…") : undefined
  const tooMany =
    total > selectedMax ? t("At most {maximum} keys can be selected.", { maximum: selectedMax }) : undefined
  return (
    <div className="stack tight">
      <div className="row" role="group" aria-label={t("Selected keys")}>
        <strong>{t("{count} selected", { count: chosen.size })}</strong>
        {intents.map(({ name, word, look }) => (
          <Button key={name} small look={look} onClick={() => onAct(name)}>
            {t("{action}…", { action: t(word) })}
          </Button>
        ))}
        {total > chosen.size && (
          <Button small look="plain" off={tooMany ?? off} onClick={() => void selectAll()}>
            {t("Select all {count} keys of the list", { count: total })}
          </Button>
        )}
        <Button small look="plain" onClick={onClear}>
          {t("Clear selection")}
        </Button>
      </div>
      <Refused refusal={refusal} />
    </div>
  )
}
