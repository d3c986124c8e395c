/** On every page: a virtual clock with buttons that move it, or a real clock in doubt with the two decisions. */
import type { ClockView } from "../../protocol.ts"
import { useAction } from "../data/useAction.ts"
import { refreshClock, useConsole } from "../data/store.ts"
import { absolute } from "../data/time.ts"
import { announce } from "./announcer.tsx"
import { Button, Refused } from "./basic.tsx"
import { icons } from "./icons.tsx"
import { useNow } from "./moment.tsx"
import { t } from "../text/text.ts"
import { rich } from "../text/rich.tsx"
import type { PlainText } from "../text/text.ts"

const steps = [
  ["1h", "+1 h"],
  ["1d", "+1 d"],
  ["7d", "+7 d"]
] as const satisfies ReadonlyArray<readonly [string, PlainText]>

const onlyRoot = (): string => t("Only the root of the server's own account can change the clock.")

export const ClockBanner = () => {
  const { clock } = useConsole()
  if (clock?.kind === "virtual") return <VirtualClock isFrozen={clock.mode === "frozen"} />
  return clock?.doubt === undefined ? null : <DoubtfulClock doubt={clock.doubt} />
}

const useClockAction = () => {
  const action = useAction()
  return {
    ...action,
    move: async (operation: string, parameters: Readonly<Record<string, string>> = {}): Promise<void> => {
      const reply = await action.run(operation, parameters)
      await refreshClock()
      if (reply !== undefined) announce(t("The clock is now at {time}.", { time: String(reply["Now"]) }))
    }
  }
}

const VirtualClock = ({ isFrozen }: { readonly isFrozen: boolean }) => {
  const now = useNow()
  const { session } = useConsole()
  const { move, refusal } = useClockAction()
  const off = session?.administersServer === true ? undefined : onlyRoot()
  return (
    <section className="banner warn" aria-label={t("Virtual clock")}>
      {icons.clock}
      <span>
        {rich(isFrozen ? "<b>Virtual clock</b>, frozen at {time}" : "<b>Virtual clock</b>, running at {time}", {
          time: <time dateTime={new Date(now).toISOString()}>{absolute(now)}</time>
        })}
      </span>
      <span className="row">
        {off === undefined ? (
          <>
            {steps.map(([by, word]) => (
              <Button key={by} small onClick={() => void move("AdvanceClock", { By: by })}>
                {t(word)}
              </Button>
            ))}
            <Button small onClick={() => void move("AdvanceClockToNextDeadline")}>
              {t("To next deadline")}
            </Button>
            <Button small onClick={() => void move(isFrozen ? "ResumeClock" : "FreezeClock")}>
              {isFrozen ? t("Resume") : t("Freeze")}
            </Button>
          </>
        ) : (
          <span className="small">{off}</span>
        )}
      </span>
      <Refused refusal={refusal} />
    </section>
  )
}

const DoubtfulClock = ({ doubt }: { readonly doubt: NonNullable<ClockView["doubt"]> }) => {
  const { session } = useConsole()
  const { move, refusal } = useClockAction()
  const off = session?.administersServer === true ? undefined : onlyRoot()
  const jump =
    doubt.direction === "Forward"
      ? "<b>The machine's clock jumped forward</b>, from {from} to {to}."
      : "<b>The machine's clock jumped back</b>, from {from} to {to}."
  return (
    <section className="banner bad" aria-label={t("Clock in doubt")}>
      {icons.warning}
      <span>
        {rich(jump, { from: absolute(doubt.from), to: absolute(doubt.to) })}{" "}
        {t(
          "Until someone decides which time is right, the lifecycle clock counts elapsed time, and deletions and expiries of key material wait."
        )}
      </span>
      <span className="row">
        <Button small look="danger" off={off} onClick={() => void move("ConfirmClock")}>
          {t("Use the machine's clock")}
        </Button>
        <Button small off={off} onClick={() => void move("RejectClock")}>
          {t("Keep the earlier time")}
        </Button>
      </span>
      <Refused refusal={refusal} />
    </section>
  )
}
