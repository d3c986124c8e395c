/** What an arrow of the diagram does, or why it does nothing, beside the arrow. */
import { knownMachines } from "../../../visualizer/drawings.ts"
import { placeOf } from "./arrowMarks.ts"
import type { Arrow } from "./arrows.ts"
import type { Visible } from "./useView.ts"
import { t } from "../text/text.ts"

const { geometry } = knownMachines.cmk

const tipWidth = 440
/** Pixels between the tip and the border of the frame. */
const margin = 8

interface TipProps {
  readonly id: string
  readonly arrow: Arrow | undefined
  readonly visible: Visible
}

/** Below the words of the arrow, or above them in the lower half of the frame. A long tip reaches beyond the frame. */
const placeOfTip = (edge: string, { view, size }: Visible) => {
  const box = placeOf(geometry, edge)
  if (box === undefined || view === undefined || size === undefined) return {}
  const { middle, scale } = view
  const width = Math.min(tipWidth, size.width - 2 * margin)
  const left = (box.x + box.width / 2 - middle.x) * scale + size.width / 2 - width / 2
  const top = (box.y - middle.y) * scale + size.height / 2
  const bottom = top + box.height * scale
  const x = { width, left: Math.max(margin, Math.min(left, size.width - width - margin)) }
  return bottom < size.height / 2
    ? { ...x, top: Math.max(margin, bottom + 10) }
    : { ...x, bottom: Math.max(margin, size.height - top + 10) }
}

export const Tip = ({ id, arrow, visible }: TipProps) => (
  <div
    id={id}
    role="tooltip"
    className="liveTip"
    hidden={arrow === undefined}
    style={arrow === undefined ? {} : placeOfTip(arrow.edge, visible)}
  >
    {arrow !== undefined && (
      <>
        <strong>
          {arrow.what}: {arrow.way}
        </strong>
        {arrow.operation === undefined ? (
          <Dead arrow={arrow} />
        ) : (
          <p>{t("Click, or press Enter, to call {operation}.", { operation: arrow.operation })}</p>
        )}
      </>
    )}
  </div>
)

const Dead = ({ arrow: { reasons, statements } }: { readonly arrow: Arrow }) => (
  <>
    {reasons.map((reason) => (
      <p key={reason}>{reason}</p>
    ))}
    {statements.map(({ lines, title }) => (
      <div key={title} className="deciding">
        <p>{title}</p>
        <pre lang="en">{lines.join("\n")}</pre>
      </div>
    ))}
  </>
)
