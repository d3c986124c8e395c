/** Parts that every page uses: buttons that say why they are off, notes, refusals, fields, copy buttons. */
import { Fragment, useEffect, useId, useState } from "react"
import type { ButtonHTMLAttributes, ReactNode } from "react"
import type { Refusal } from "../../protocol.ts"
import { icons } from "./icons.tsx"
import { t } from "../text/text.ts"

type Look = "main" | "danger" | "plain" | "other"
const classOf: Readonly<Record<Look, string>> = { main: " main_", danger: " danger", plain: " plain", other: "" }

type ButtonProps = Omit<ButtonHTMLAttributes<HTMLButtonElement>, "disabled" | "className"> & {
  readonly look?: Look
  readonly small?: boolean
  /** Why the button is off. It stays reachable by keyboard and shows the reason. */
  readonly off?: string | undefined
}

export const Button = ({ look = "other", small = false, off, onClick, children, type, ...more }: ButtonProps) => {
  const id = useId()
  const isOff = off !== undefined
  return (
    <span>
      <button
        {...more}
        type={type ?? "button"}
        className={`button${classOf[look]}${small ? " small" : ""}`}
        aria-disabled={isOff ? true : undefined}
        aria-describedby={isOff ? id : undefined}
        onClick={(event) => {
          if (isOff) event.preventDefault()
          else onClick?.(event)
        }}
      >
        {children}
      </button>
      {isOff && (
        <span id={id} className="why">
          {off}
        </span>
      )}
    </span>
  )
}

type Tone = "good" | "warn" | "bad" | "info" | "calm"

const toneIcons: Readonly<Record<Tone, ReactNode>> = {
  good: icons.enabled,
  warn: icons.warning,
  bad: icons.warning,
  info: icons.info,
  calm: icons.info
}

export const Note = ({ tone, children }: { readonly tone: Tone; readonly children: ReactNode }) => (
  <div className={`note ${tone}`}>
    {toneIcons[tone]}
    <div>{children}</div>
  </div>
)

/** What the service answers is English in every language of the console. */
const languageIn = ({ isOurs }: Refusal): "en" | undefined => (isOurs === true ? undefined : "en")

/** A refusal as the API words it, with its hint. */
export const Refused = ({ refusal }: { readonly refusal: Refusal | undefined }) =>
  refusal === undefined ? null : (
    <div role="alert">
      <Note tone="bad">
        <p>
          <strong lang={languageIn(refusal)}>{refusal.message}</strong>
        </p>
        {refusal.hint !== undefined && <p lang={languageIn(refusal)}>{refusal.hint}</p>}
        <p className="quiet small">
          <code>{refusal.code}</code>
          {refusal.httpStatus > 0 && <> · HTTP {refusal.httpStatus}</>}
          {refusal.requestId !== undefined && (
            <>
              {" "}
              · {t("request")} <code>{refusal.requestId}</code>
            </>
          )}
        </p>
      </Note>
    </div>
  )

/** The same in a few words, in a cell of a table. */
export const RefusedWord = ({ refusal }: { readonly refusal: Refusal }) => (
  <span className="quiet" lang={languageIn(refusal)}>
    {refusal.hint ?? refusal.message}
  </span>
)

interface FieldProps {
  readonly label: string
  readonly hint?: ReactNode
  readonly children: (ids: { readonly id: string; readonly "aria-describedby": string | undefined }) => ReactNode
}

export const Field = ({ label, hint, children }: FieldProps) => {
  const id = useId()
  const hintId = `${id}-hint`
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      {children({ id, "aria-describedby": hint === undefined ? undefined : hintId })}
      {hint !== undefined && (
        <span id={hintId} className="quiet small">
          {hint}
        </span>
      )}
    </div>
  )
}

interface CheckProps {
  readonly checked: boolean
  readonly onChange: (checked: boolean) => void
  readonly children: ReactNode
}

export const Check = ({ checked, onChange, children }: CheckProps) => (
  <label className="check">
    <input type="checkbox" checked={checked} onChange={(event) => onChange(event.target.checked)} />
    <span>{children}</span>
  </label>
)

interface CopyProps {
  readonly text: string
  /** Says what is copied: "Copy the key id". */
  readonly what: string
  readonly word?: string
}

export const Copy = ({ text, what, word = t("Copy") }: CopyProps) => {
  const [copied, setCopied] = useState(false)
  useEffect(() => {
    if (!copied) return undefined
    const timer = setTimeout(() => setCopied(false), 2000)
    return () => clearTimeout(timer)
  }, [copied])
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(text).then(
      () => setCopied(true),
      () => undefined
    )
  }
  return (
    <button type="button" className="button plain" onClick={() => void copy()} title={what}>
      {icons.copy}
      <span aria-live="polite">{copied ? t("Copied") : word}</span>
    </button>
  )
}

export const Shortcut = ({ keys }: { readonly keys: string }) => (
  <span className="kbd" aria-hidden="true">
    {keys}
  </span>
)

/** Where a long word may break: before an inner capital, and after the separators of an address. */
const joint = /(?<=[a-z0-9])(?=[A-Z])|(?<=[.:/])(?![.:/])/

export const Breakable = ({ text }: { readonly text: string }) =>
  text.split(joint).map((part, at) => (
    <Fragment key={`${at} ${part}`}>
      {at > 0 && <wbr />}
      {part}
    </Fragment>
  ))

export const Empty = ({ children }: { readonly children: ReactNode }) => <div className="empty">{children}</div>

/** A drop-down list with its label above. */
interface ChoiceProps {
  readonly label: string
  readonly value: string
  readonly options: ReadonlyArray<readonly [value: string, word: string]>
  readonly onChange: (value: string) => void
  readonly hint?: ReactNode
}

export const Choice = ({ label, value, options, onChange, hint }: ChoiceProps) => (
  <Field label={label} hint={hint}>
    {(ids) => (
      <select {...ids} value={value} onChange={(event) => onChange(event.target.value)}>
        {options.map(([option, word]) => (
          <option key={option} value={option}>
            {word}
          </option>
        ))}
      </select>
    )}
  </Field>
)
