/** What an arrow of the diagram does, or why it does nothing, beside the arrow. */
import { knownMachines } from "../../../visualizer/drawings.ts"
import { placeOf } from "./arrowMarks.ts"
import type { Arrow } from "./arrows.ts"
import type { Visible } from "./useView.ts"
import { t } from "../text/text.ts"

const { geometry } = knownMachines.cmk

const tipWidth = 320

interface TipProps {
  readonly id: string
  readonly arrow: Arrow | undefined
  readonly visible: Visible
}

/** Below the words of the arrow, or above them in the lower half of the frame. */
const placeOfTip = (edge: string, { view, size }: Visible) => {
  const box = placeOf(geometry, edge)
  if (box === undefined || view === undefined || size === undefined) return {}
  const { middle, scale } = view
  const left = (box.x + box.width / 2 - middle.x) * scale + size.width / 2 - tipWidth / 2
  const top = (box.y - middle.y) * scale + size.height / 2
  const bottom = top + box.height * scale
  const x = { left: Math.max(8, Math.min(left, size.width - tipWidth - 8)) }
  return bottom < size.height / 2
    ? { ...x, top: Math.max(8, bottom + 10) }
    : { ...x, bottom: Math.max(8, size.height - top + 10) }
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
          arrow.reasons.map((reason) => <p key={reason}>{reason}</p>)
        ) : (
          <p>{t("Click, or press Enter, to call {operation}.", { operation: arrow.operation })}</p>
        )}
      </>
    )}
  </div>
)
