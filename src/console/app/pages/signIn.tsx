/** Sign-in with an access key, or with the one-time token that the server printed. */
import { useEffect, useState } from "react"
import type { FormEvent } from "react"
import type { Refusal } from "../../protocol.ts"
import { signIn } from "../data/api.ts"
import { begin, useConsole } from "../data/store.ts"
import { Button, Field, Note, Refused } from "../parts/basic.tsx"
import { Mark } from "../parts/icons.tsx"
import { LanguageChoice } from "../parts/languageChoice.tsx"
import { t } from "../text/text.ts"
import { useLanguage } from "../text/useLanguage.ts"

/** Reads the token from the address and removes it there before anything else happens. */
export const takeToken = (): string | undefined => {
  const token = /^#token=([A-Za-z0-9_-]+)$/.exec(location.hash)?.[1]
  if (token !== undefined) history.replaceState(null, "", location.pathname + location.search)
  return token
}

type Given = Parameters<typeof signIn>[0]

const useSignIn = () => {
  const [busy, setBusy] = useState(false)
  const [refusal, setRefusal] = useState<Refusal>()
  const run = async (given: Given): Promise<void> => {
    setBusy(true)
    setRefusal(undefined)
    const answer = await signIn(given)
    setBusy(false)
    if (answer.ok) begin(answer.reply)
    else setRefusal(answer.refusal)
  }
  return { busy, refusal, run }
}

/** Signs in with the token of the address, at once and each time a further link is opened. */
const useTokenOfAddress = (run: (given: Given) => Promise<void>): void => {
  useEffect(() => {
    const onToken = (): void => {
      const token = takeToken()
      if (token !== undefined) void run({ token })
    }
    onToken()
    // A link to the current page loads nothing: it only changes the part after the #.
    addEventListener("hashchange", onToken)
    return () => removeEventListener("hashchange", onToken)
  }, [])
}

export const SignIn = () => {
  const { busy, refusal, run } = useSignIn()
  useTokenOfAddress(run)
  const language = useLanguage()
  useEffect(() => {
    document.title = `${t("Sign in")} · Keystate`
  }, [language])
  return (
    <div className="signIn">
      <main className="stack">
        <div className="row between">
          <span className="brand">
            <Mark />
            Keystate
          </span>
          <LanguageChoice />
        </div>
        <SignInForm busy={busy} refusal={refusal} onSubmit={(given) => void run(given)} />
        <p className="quiet small">
          {t(
            "When the server starts, it prints a link that signs you in once as the root of the account. In the console you have the permissions of your access key. The audit log records every call."
          )}
        </p>
      </main>
    </div>
  )
}

interface FormProps {
  readonly busy: boolean
  readonly refusal: Refusal | undefined
  readonly onSubmit: (given: Given) => void
}

const SignInForm = ({ busy, refusal, onSubmit }: FormProps) => {
  const { notice } = useConsole()
  const [accessKeyId, setAccessKeyId] = useState("")
  const [accessKeySecret, setAccessKeySecret] = useState("")
  const [securityToken, setSecurityToken] = useState("")
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    onSubmit({ accessKeyId, accessKeySecret, securityToken })
    setAccessKeySecret("")
  }
  return (
    <form className="card stack" onSubmit={submit}>
      <h1>{t("Sign in")}</h1>
      {notice !== undefined && <Note tone="info">{t(notice)}</Note>}
      <Refused refusal={refusal} />
      <Field label={t("AccessKey ID")}>
        {(ids) => (
          <input
            {...ids}
            value={accessKeyId}
            onChange={(event) => setAccessKeyId(event.target.value)}
            autoComplete="username"
            spellCheck={false}
            required
          />
        )}
      </Field>
      <Field label={t("AccessKey secret")}>
        {(ids) => (
          <input
            {...ids}
            type="password"
            value={accessKeySecret}
            onChange={(event) => setAccessKeySecret(event.target.value)}
            autoComplete="current-password"
            required
          />
        )}
      </Field>
      <details>
        <summary>{t("Temporary credentials")}</summary>
        <Field label={t("Security token")} hint={t("From AssumeRole, for an AccessKey ID that begins with STS.")}>
          {(ids) => (
            <textarea
              {...ids}
              rows={3}
              value={securityToken}
              onChange={(event) => setSecurityToken(event.target.value)}
              spellCheck={false}
            />
          )}
        </Field>
      </details>
      <Button look="main" type="submit" off={busy ? t("Signing in…") : undefined}>
        {t("Sign in")}
      </Button>
    </form>
  )
}
