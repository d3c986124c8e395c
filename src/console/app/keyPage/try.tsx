/** "Try it": a few calls with this key. Plaintext is masked, kept nowhere, and cleared when the tab is left. */
import { useState } from "react"
import type { KeyRow } from "../../protocol.ts"
import { Check, Note } from "../parts/basic.tsx"
import { Asymmetric } from "./tryAsymmetric.tsx"
import { Symmetric } from "./trySymmetric.tsx"
import { t } from "../text/text.ts"

export const TryTab = ({ row }: { readonly row: KeyRow }) => {
  const isSymmetric = row.spec === "Aliyun_AES_256" || row.spec === "Aliyun_SM4"
  const [shown, setShown] = useState(false)
  return (
    <>
      <Note tone="calm">
        {t(
          "These are real calls: policies and the key's state apply, and the audit log records them. Plaintext is masked, never stored, and cleared when you leave this tab."
        )}
      </Note>
      <Check checked={shown} onChange={setShown}>
        {t("Show plaintext")}
      </Check>
      {isSymmetric ? <Symmetric row={row} shown={shown} /> : <Asymmetric row={row} shown={shown} />}
    </>
  )
}
