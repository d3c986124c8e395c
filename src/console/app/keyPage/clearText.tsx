/** Plaintext: masked unless shown on request, kept nowhere, cleared when the page is hidden. */
import { useEffect } from "react"
import { Field } from "../parts/basic.tsx"

export const toBase64 = (text: string): string => {
  let binary = ""
  for (const byte of new TextEncoder().encode(text)) binary += String.fromCharCode(byte)
  return btoa(binary)
}

/** The bytes as text if they are UTF-8, otherwise as Base64. */
export const fromBase64 = (base64: string): string => {
  try {
    const bytes = Uint8Array.from(atob(base64), (char) => char.charCodeAt(0))
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes)
  } catch {
    return base64
  }
}

export const sha256 = async (text: string): Promise<string> => {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)))
  return btoa(String.fromCharCode(...digest))
}

/** Calls `forget` when the browser shows another tab or window, and when the component is removed. */
export const useForgotten = (forget: () => void): void => {
  useEffect(() => {
    const onHide = (): void => {
      if (document.visibilityState === "hidden") forget()
    }
    document.addEventListener("visibilitychange", onHide)
    return () => {
      document.removeEventListener("visibilitychange", onHide)
      forget()
    }
  }, [])
}

interface Clear {
  readonly label: string
  readonly value: string
  readonly onChange?: (text: string) => void
  readonly shown: boolean
}

export const ClearText = ({ label, value, onChange, shown }: Clear) => (
  <Field label={label}>
    {(ids) => (
      <input
        {...ids}
        type={shown ? "text" : "password"}
        value={value}
        readOnly={onChange === undefined}
        onChange={(event) => onChange?.(event.target.value)}
        autoComplete="off"
        spellCheck={false}
      />
    )}
  </Field>
)
