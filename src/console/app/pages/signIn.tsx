/** The way in: with an access key, or with the one-time token that the server printed. */
import { useEffect, useState } from "react"
import type { FormEvent } from "react"
import type { Refusal } from "../../protocol.ts"
import { signIn } from "../data/api.ts"
import { begin, useConsole } from "../data/store.ts"
import { Button, Field, Note, Refused } from "../parts/basic.tsx"
import { Mark } from "../parts/icons.tsx"

/** The token of the address, which leaves the address before anything else is done. */
export const takeToken = (): string | undefined => {
  const token = /^#token=([A-Za-z0-9_-]+)$/.exec(location.hash)?.[1]
  if (token !== undefined) history.replaceState(null, "", location.pathname + location.search)
  return token
}

export const SignIn = () => {
  const { notice } = useConsole()
  const [accessKeyId, setAccessKeyId] = useState("")
  const [accessKeySecret, setAccessKeySecret] = useState("")
  const [securityToken, setSecurityToken] = useState("")
  const [busy, setBusy] = useState(false)
  const [refusal, setRefusal] = useState<Refusal>()

  const tryWith = async (given: Parameters<typeof signIn>[0]): Promise<void> => {
    setBusy(true)
    setRefusal(undefined)
    const answer = await signIn(given)
    setBusy(false)
    if (answer.ok) begin(answer.reply)
    else setRefusal(answer.refusal)
  }

  useEffect(() => {
    document.title = "Sign in · Keystate"
    const begun = (): void => {
      const token = takeToken()
      if (token !== undefined) void tryWith({ token })
    }
    begun()
    // A link to where one is already loads nothing: it only changes what stands behind the #.
    addEventListener("hashchange", begun)
    return () => removeEventListener("hashchange", begun)
  }, [])

  const submit = (event: FormEvent): void => {
    event.preventDefault()
    void tryWith({ accessKeyId, accessKeySecret, securityToken })
    setAccessKeySecret("")
  }

  return (
    <div className="signIn">
      <main className="stack">
        <div className="row">
          <span className="brand">
            <Mark />
            Keystate
          </span>
        </div>
        <form className="card stack" onSubmit={submit}>
          <h1>Sign in</h1>
          {notice !== undefined && <Note tone="info">{notice}</Note>}
          <Refused refusal={refusal} />
          <Field label="AccessKey ID">
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
          <Field label="AccessKey secret">
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
            <summary>Temporary credentials</summary>
            <Field label="Security token" hint="Of AssumeRole, for an AccessKey ID that begins with STS.">
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
          <Button look="main" type="submit" off={busy ? "Signing in…" : undefined}>
            Sign in
          </Button>
        </form>
        <p className="quiet small">
          The server prints a link with a one-time token when it starts; it signs in as the account's root. What you may
          do here is what your access key may do through the API, and every call is in the audit log.
        </p>
      </main>
    </div>
  )
}
